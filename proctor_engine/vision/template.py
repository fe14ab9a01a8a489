"""What the candidate looks like today, learnt from frames that are surely the candidate's.

A passport photograph may be years old. Frames that are nevertheless clearly like it make a second template, of this
day's hair, glasses and light, to which later frames are much nearer than to the photograph. Only a likeness to the
photographs themselves teaches it, so that nobody can creep in step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def distance(embedding: Embedding, reference: Reference, state: TemplateState, settings: IdentitySettings) -> float:
    """To the reference or to the day's template, whichever is less.

    A mean lies in the midst of everybody's looks: strangers, too, are nearer to it, which is added again.
    """
    enrolled = reference.distance(embedding)
    if state.count < settings.template_from:
        return enrolled
    return min(enrolled, float(np.linalg.norm(np.array(state.mean) - embedding)) + settings.mean_nearer)


def nearest(
    embeddings: Sequence[Embedding], reference: Reference, state: TemplateState, settings: IdentitySettings
) -> tuple[Embedding, float]:
    """Of several embeddings of one look, the one that is most like the candidate, with its distance."""
    distances = [distance(embedding, reference, state, settings) for embedding in embeddings]
    best = distances.index(min(distances))
    return embeddings[best], distances[best]


def learn(embedding: Embedding, reference: Reference, state: TemplateState, settings: IdentitySettings) -> None:
    """Take in one good look, if it is clearly like the reference. Updates `state`."""
    if reference.distance(embedding) > settings.learn_below:
        return
    state.count = min(state.count + 1, settings.template_of)
    before = np.array(state.mean) if state.mean else embedding
    state.mean = (before + (embedding - before) / state.count).tolist()
