from __future__ import annotations

import numpy as np

from proctor_engine.vision import Reference
from proctor_engine.vision.settings import IdentitySettings
from proctor_engine.vision.template import TemplateState, distance, learn

SETTINGS = IdentitySettings()
ALONG, ACROSS = np.eye(128)[0], np.eye(128)[1]
REFERENCE = Reference(np.zeros((1, 128)))
TODAY = 0.45 * ALONG
"""The candidate as the camera sees them: like the photograph, not very."""


def taught(*embeddings):
    state = TemplateState()
    for embedding in embeddings:
        learn(embedding, REFERENCE, state, SETTINGS)
    return state


def test_what_is_clearly_the_candidate_makes_a_nearer_template():
    glasses_on = 0.45 * ALONG + 0.5 * ACROSS
    assert distance(glasses_on, REFERENCE, taught(), SETTINGS) > 0.6
    assert distance(glasses_on, REFERENCE, taught(*[TODAY] * 2), SETTINGS) > 0.6
    assert distance(glasses_on, REFERENCE, taught(*[TODAY] * 3), SETTINGS) < 0.56


def test_nobody_creeps_in_step_by_step():
    state = taught(*[TODAY] * 3)
    for step in np.linspace(0.45, 1.5, 200):
        learn(step * ALONG, REFERENCE, state, SETTINGS)
    assert np.linalg.norm(state.mean) <= SETTINGS.learn_below
    assert distance(1.2 * ALONG, REFERENCE, state, SETTINGS) > 0.68
