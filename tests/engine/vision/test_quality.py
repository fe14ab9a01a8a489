from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor_engine.vision import FramePipeline, VisionSettings

SITTER = ("astronaut", 320, 230, 140)


def quality(*frames, fps=1.0):
    pipeline = FramePipeline(VisionSettings(landmarks=False))
    return [pipeline.measure(frame, i / fps).quality for i, frame in enumerate(frames)]


def test_a_lit_room_has_no_fault(scene):
    (found,) = quality(scene(SITTER))
    assert (found.dark, found.covered, found.frozen, found.blurred) == (False, False, False, False)


def test_a_dark_room_is_dark_and_not_blurred(scene):
    (found,) = quality(scene(SITTER, light=0.1))
    assert found.dark
    assert not found.blurred


@pytest.mark.parametrize("luma", [0, 90, 200])
def test_a_hand_on_the_lens_covers_it(luma):
    frame = np.clip(np.random.default_rng(0).normal(luma, 2, (480, 640, 3)), 0, 255).astype(np.uint8)
    assert quality(frame)[0].covered


def test_a_lens_out_of_focus_is_blurred(scene):
    assert quality(cv2.GaussianBlur(scene(SITTER), (0, 0), 6))[0].blurred


def test_the_same_pixels_for_seconds_are_frozen_and_grain_is_not(scene):
    still = scene(SITTER)
    assert [found.frozen for found in quality(*[still] * 5)] == [False, False, False, True, True]
    assert not any(found.frozen for found in quality(*(scene(SITTER, seed=i) for i in range(5))))
    assert not quality(*[still] * 5, scene(SITTER, seed=9))[-1].frozen
