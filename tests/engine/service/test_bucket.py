"""Evidence in a bucket: moto's server is the S3, the whole service in front of it is ours."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from actors import ANN, BOB, Browser, Candidate, Clock
from moto.server import ThreadedMotoServer

from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store import disclosure, retention, rotation

BUCKET = "evidence"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bucket as its provider shows it, with nothing of ours between."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    bucket = boto3.resource("s3").Bucket(BUCKET)
    bucket.create()
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


@pytest.fixture
def settings(settings: Settings, bucket: Any) -> Settings:
    return settings.model_copy(update={"evidence": f"s3://{bucket.name}/proctoring"})


def keys(bucket: Any) -> list[str]:
    return [piece.key for piece in bucket.objects.all()]


def test_pictures_lie_there_sealed_and_reviewers_see_them(service: Service, bucket: Any, watched: Candidate) -> None:
    stored = keys(bucket)
    assert 1 <= len(stored) < 15, "frames without an incident have gone"
    assert all(key.startswith(f"proctoring/{watched.id}/") for key in stored)
    assert all(b"JFIF" not in bucket.Object(key).get()["Body"].read() for key in stored)
    bob = Browser(service).sign_in(BOB)
    piece = bob.get(f"/api/review/{watched.id}").json["evidence"][0]
    assert bob.get(f"/api/review/{watched.id}/evidence/{piece['id']}").data.startswith(b"\xff\xd8")


@pytest.mark.usefixtures("watched")
def test_a_purge_leaves_nothing(service: Service, bucket: Any, clock: Clock) -> None:
    bucket.put_object(Key="proctoring/forgotten/1.jpg", Body=b"x")
    assert retention.purge(service).orphans == 1
    assert keys(bucket) != []
    clock.advance(days=91)
    assert retention.purge(service).evidence == 1
    assert keys(bucket) == []


@pytest.mark.usefixtures("watched")
def test_an_erasure_takes_this_person_and_nobody_else(service: Service, bucket: Any) -> None:
    service.evidence.put("theirs/1.jpg", b"x")
    assert retention.erase_person(service, ANN.email) == 1
    assert keys(bucket) == ["proctoring/theirs/1.jpg"]


@pytest.mark.usefixtures("watched")
def test_a_person_gets_the_pictures_too(service: Service, bucket: Any) -> None:
    content = disclosure.disclose(service, ANN.email)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {f"proctoring/{name}" for name in archive.namelist() if name.endswith(".jpg")} == set(keys(bucket))


@pytest.mark.usefixtures("watched")
def test_a_new_key_seals_what_lies_there(settings: Settings, bucket: Any) -> None:
    before = {key: bucket.Object(key).get()["Body"].read() for key in keys(bucket)}
    assert rotation.rotate(settings) == len(before)
    renewed = Service.open(settings)
    rotation.forget(settings)
    for key, sealed in before.items():
        assert bucket.Object(key).get()["Body"].read() != sealed
        assert renewed.evidence.get(key.removeprefix("proctoring/")).startswith(b"\xff\xd8")
    renewed.close()


@pytest.mark.usefixtures("bucket")
def test_what_another_process_wrote_is_seen_at_once(service: Service, settings: Settings) -> None:
    other = Service.open(settings)
    assert list(service.evidence.sessions()) == []
    other.evidence.put("late/1.jpg", b"x")
    assert list(service.evidence.sessions()) == ["late"]
    service.evidence.delete_session("late")
    service.evidence.delete("late/1.jpg")
    with pytest.raises(FileNotFoundError):
        other.evidence.get("late/1.jpg")
    other.close()
