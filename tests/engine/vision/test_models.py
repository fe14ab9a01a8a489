from __future__ import annotations

import hashlib
import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from proctor_engine.audio import Listener, listener
from proctor_engine.models import (
    MODELS,
    ModelError,
    cache,
    find,
    forest,
    list_models,
    open_session,
    registry,
    tflite,
    verify_models,
)
from proctor_engine.models import session as session_module
from proctor_engine.models.dlib_dat import Convolution, FullyConnected, read_layers
from proctor_engine.vision import dlib_models


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PROCTOR_ENGINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_every_model_is_whole_and_says_its_licence():
    assert {status.model.name: status.problem for status in verify_models()} == dict.fromkeys(MODELS)
    assert all(model.licence for model in list_models())


def test_the_68_points_are_marked_as_not_for_commercial_use():
    assert [model.name for model in list_models() if not model.commercial_use] == ["landmarks-68"]


def test_a_package_that_is_missing_is_named_with_its_mend(monkeypatch):
    monkeypatch.setitem(registry.MODELS, "emotion", replace(MODELS["emotion"], package="no_such_package"))
    with pytest.raises(ModelError, match=r"no_such_package is not installed.*pip install"):
        find("emotion")


def test_a_git_lfs_stub_is_named_with_its_mend(tmp_path, monkeypatch):
    stub = tmp_path / "stub"
    (stub / "models").mkdir(parents=True)
    (stub / "__init__.py").touch()
    (stub / "models" / "dlib_face_recognition_resnet_model_v1.dat").write_text("version https://git-lfs")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(registry.MODELS, "face-embedding", replace(MODELS["face-embedding"], package="stub"))
    with pytest.raises(ModelError, match=r"23 bytes instead of 22466066.*pip install"):
        find("face-embedding")


@pytest.fixture
def flip(tmp_path, monkeypatch):
    """Puts a copy of a model's file in its place in which two bytes are wrong, and gives it."""

    def flip(name):
        file = tmp_path / "flipped" / MODELS[name].path
        file.parent.mkdir(parents=True)
        (tmp_path / "flipped" / "__init__.py").touch()
        shutil.copy(find(name), file)
        with file.open("r+b") as stream:
            stream.seek(5000)
            stream.write(b"\xaa\x55")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setitem(registry.MODELS, name, replace(MODELS[name], package="flipped"))
        return file

    return flip


def test_one_flipped_bit_is_found(flip):
    flip("emotion")
    problem = next(status.problem for status in verify_models() if status.model.name == "emotion")
    assert "damaged" in problem
    assert "pip install" in problem


@pytest.mark.parametrize("name", MODELS)
def test_a_damaged_file_is_named_with_its_mend_before_anything_is_made_of_it(flip, empty_cache, caplog, name):
    file = flip(name)
    if name == "voice-activity":  # Without it sound is not analysed, and the log says so.
        listener._voice_can_be_told.cache_clear()
        try:
            assert Listener().hear(bytes(32_000), 0.0) == []
        finally:
            listener._voice_can_be_told.cache_clear()
        said = caplog.text
    else:
        opened = dlib_models.shape_predictor.__wrapped__ if name == "landmarks-5" else cache.converted
        with pytest.raises(ModelError) as error:
            opened(name)
        said = str(error.value)
    assert str(file) in said
    assert "damaged (sha256" in said
    assert MODELS[name].mend in said
    assert not empty_cache.exists()


def test_a_model_is_converted_once_and_then_read(empty_cache, monkeypatch):
    first = cache.converted("face-detection-mmod")
    assert len(list(empty_cache.iterdir())) == 1
    monkeypatch.setitem(cache.CONVERTERS, "face-detection-mmod", lambda _: pytest.fail("converted again"))
    assert cache.converted("face-detection-mmod") == first


def _convert(gate):
    gate.wait()
    return hashlib.sha256(cache.converted("face-detection-mmod")).hexdigest()


def test_workers_that_begin_together_convert_beside_each_other(empty_cache):
    """Each finds no copy, makes its own, and puts it in its place whole."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(3, mp_context=context) as pool:
        gate = manager.Barrier(3)
        digests = set(pool.map(_convert, [gate] * 3))
    (file,) = empty_cache.iterdir()
    assert digests == {hashlib.sha256(file.read_bytes()[32:]).hexdigest()}


def test_a_damaged_cache_is_made_again(empty_cache):
    first = cache.converted("face-detection-mmod")
    (file,) = empty_cache.iterdir()
    file.write_bytes(file.read_bytes()[:-7])
    assert cache.converted("face-detection-mmod") == first
    assert file.read_bytes()[32:] == first


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PROCTOR_ENGINE_CACHE", str(tmp_path / "file" / "cache"))
    assert cache.converted("face-detection-mmod")
    assert "PROCTOR_ENGINE_CACHE" in caplog.text


def test_a_file_that_is_another_network_is_refused(empty_cache, monkeypatch):
    monkeypatch.setitem(cache.CONVERTERS, "face-embedding", cache.CONVERTERS["face-detection-mmod"])
    with pytest.raises(ModelError, match=r"not dlib's MMOD.*pip install"):
        cache.converted("face-embedding")
    assert not empty_cache.exists()


def test_a_forest_that_is_none_or_ends_early_is_refused():
    whole = find("landmarks-68").read_bytes()
    for data in (b"", whole[:5_000_000], find("face-embedding").read_bytes()):
        with pytest.raises((ValueError, IndexError, OverflowError)):
            forest.convert(data)


@pytest.mark.parametrize("part", [b"", b"TFL3", b"\x1c\x00\x00\x00TFL3" + bytes(400)])
def test_what_is_no_tensorflow_lite_model_is_refused(part):
    with pytest.raises(ValueError, match="not a TensorFlow Lite model"):
        tflite.convert(part)


def test_the_reader_finds_every_weight():
    layers = list(read_layers(find("face-embedding").read_bytes()))
    assert sum(isinstance(layer, Convolution) for layer in layers) == 29
    (dense,) = (layer for layer in layers if isinstance(layer, FullyConnected))
    assert dense.weights.shape == (256, 128)


def test_a_session_runs_on_one_thread_and_takes_batches():
    assert open_session("face-embedding").run(np.zeros((3, 150, 150, 3), np.uint8)).shape == (3, 128)
    assert session_module.open_session("face-embedding") is open_session("face-embedding")
