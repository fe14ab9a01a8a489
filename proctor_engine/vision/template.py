"""What the candidate looks like today, learnt from frames that are surely the candidate's.

A passport photograph may be years old. Frames that are nevertheless clearly like it make a second template, of this
day's hair, glasses and light, to which later frames are much nearer than to the photograph. Only a likeness to the
photographs themselves teaches it, so that nobody can creep in step by step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from proctor_engine.vision.embedding import Embedding
from proctor_engine.vision.reference import Reference
from proctor_engine.vision.settings import IdentitySettings


@dataclass
class TemplateState:
    """`mean` (128 numbers) of `count` embeddings. Biometric data, as the reference is."""

    mean: list[float] = field(default_factory=list)
    count: int = 0


def is_learnt(state: TemplateState, settings: IdentitySettings) -> bool:
    return state.count >= settings.template_from


def distance(embedding: Embedding, reference: Reference, state: TemplateState, settings: IdentitySettings) -> float:
    """To the reference or to the day's template, whichever is less."""
    enrolled = reference.distance(embedding)
    if not is_learnt(state, settings):
        return enrolled
    return min(enrolled, float(np.linalg.norm(np.array(state.mean) - embedding)))


def learn(embedding: Embedding, reference: Reference, state: TemplateState, settings: IdentitySettings) -> None:
    """Take in one good look, if it is clearly like the reference. Updates `state`."""
    if reference.distance(embedding) > settings.learn_below:
        return
    state.count = min(state.count + 1, settings.template_of)
    before = np.array(state.mean) if state.mean else embedding
    state.mean = (before + (embedding - before) / state.count).tolist()
