from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from proctor_engine.vision import FramePipeline, VisionSettings

SITTER = ("astronaut", 320, 230, 140)


def quality(*frames, fps=1.0):
    pipeline = FramePipeline(VisionSettings(landmarks="none"))
    return [pipeline.measure(frame, i / fps).quality for i, frame in enumerate(frames)]


def test_a_lit_room_has_no_fault(scene):
    (found,) = quality(scene(SITTER))
    assert (found.dark, found.covered, found.frozen, found.blurred) == (False, False, False, False)


def test_a_dark_room_is_dark_and_not_blurred(scene):
    (found,) = quality(scene(SITTER, light=0.1))
    assert found.dark
    assert not found.blurred


def test_a_dim_picture_that_still_shows_much_is_neither_dark_nor_covered(scene):
    found = quality(scene(("astronaut", 320, 230, 220), light=0.18))[0]
    assert found.brightness < 28
    assert (found.dark, found.covered) == (False, False)


@pytest.mark.parametrize("luma", [0, 90, 200])
def test_a_hand_on_the_lens_covers_it(luma):
    frame = np.clip(np.random.default_rng(0).normal(luma, 2, (480, 640, 3)), 0, 255).astype(np.uint8)
    assert quality(frame)[0].covered


def test_a_plain_wall_behind_an_empty_chair_covers_no_lens_and_a_hand_does():
    def wall(luma, seed):
        return np.clip(np.random.default_rng(seed).normal(luma, 2, (480, 640, 3)), 0, 255).astype(np.uint8)

    sitting = wall(150, 0)
    sitting[100:330, 230:410] = skimage.data.astronaut()[30:260, 130:310]
    empty, daylight, hand = wall(150, 1), wall(160, 2), wall(70, 3)
    assert [found.covered for found in quality(sitting, empty, daylight, hand)] == [False, False, False, True]


def test_a_hand_on_the_lens_covers_it_after_the_light_had_gone_for_a_moment_too(scene):
    sitting, dimmed = scene(SITTER), scene(SITTER, light=0.35)
    hand = np.full_like(sitting, dimmed.mean() - 5)
    assert [found.covered for found in quality(sitting, dimmed, hand)] == [False, False, True]


def test_what_is_half_forgotten_of_a_lit_room_is_no_place_that_a_covered_lens_could_show():
    """While the light is gone for some seconds, the memory of the room must not pass by the shade of a hand."""
    lit, dim = 110, 44
    pictures = [np.full((480, 640, 3), luma, np.uint8) for luma in (lit, *[dim] * 40)]
    for picture in pictures:
        picture[100:330, 230:410] = skimage.data.astronaut()[30:260, 130:310]
    for hand in range(60, 92, 4):
        assert quality(*pictures, np.full((480, 640, 3), hand, np.uint8))[-1].covered


def test_a_dim_room_that_somebody_has_left_is_not_dark_and_one_without_light_is(scene):
    sitting = scene(("astronaut", 320, 230, 220), light=0.18)
    empty, unlit = scene(light=0.18), scene(light=0.02)
    assert quality(empty)[0].dark
    assert [found.dark for found in quality(sitting, empty, unlit)] == [False, False, True]


def test_a_room_whose_light_goes_after_somebody_has_left_is_empty_and_not_dark(scene):
    sitting, empty, dimmed, unlit = scene(SITTER, light=0.45), *(scene(light=light) for light in (0.45, 0.15, 0.02))
    assert quality(dimmed)[0].dark
    assert [found.dark for found in quality(sitting, empty, dimmed, unlit)] == [False, False, False, True]


def test_a_lens_out_of_focus_is_blurred(scene):
    assert quality(cv2.GaussianBlur(scene(SITTER), (0, 0), 6))[0].blurred


def test_the_same_picture_of_somebody_for_seconds_is_frozen_and_grain_is_not(scene):
    still = scene(SITTER)
    assert [found.frozen for found in quality(*[still] * 5)] == [False, False, False, True, True]
    assert quality(*[still] * 5)[-1].still_for == 4
    assert not any(found.frozen for found in quality(*(scene(SITTER, seed=i) for i in range(5))))
    assert not quality(*[still] * 5, scene(("astronaut", 290, 240, 140)))[-1].frozen


def test_what_a_codec_refreshes_stands_still_all_the_same(scene):
    """A video draws even a still picture anew now and then, a little differently."""
    pictures = [recoded(scene(SITTER), 80 if i % 5 else 77) for i in range(12)]
    assert not np.array_equal(pictures[0], pictures[1])
    assert quality(*pictures)[-1].frozen


def test_an_empty_room_stands_still_and_is_not_frozen_unless_the_camera_is_known_for_its_noise(scene):
    def moving(seed):
        return scene(("astronaut", 250 + 20 * seed, 230, 140), seed=seed)

    def smooth(picture):
        return cv2.medianBlur(picture, 9) // 12 * 12

    noisy = [moving(i) for i in range(4)]
    assert quality(*noisy, *[scene()] * 5)[-1].frozen
    assert not quality(*map(smooth, noisy), *[smooth(scene())] * 5)[-1].frozen


def recoded(picture, jpeg_quality):
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])[1], cv2.IMREAD_COLOR)
