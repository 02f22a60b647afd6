"""What every object store keeps, on a folder and on a real S3-compatible server."""

import hashlib
import json
import secrets
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest
from pydantic import SecretStr

from models.errors import ConfigurationError, JianzhenError, NotFoundError, TransientFault
from models.ports import ObjectStore
from models.storage import BucketObjects, FileObjects, ObjectSettings, open_objects
from tests.models.storage.rivals import race
from tests.servers.objects import S3Server
from tests.servers.ports import free_ports
from tests.servers.small_disk import run_on_small_disk

PICTURES = [b"", b"x", "晴川".encode(), bytes(range(256)) * 20_000]

Damage = Callable[[str, bytes], None]


class ObjectContract:
    @pytest.mark.parametrize("data", PICTURES, ids=len)
    def test_what_is_put_comes_back_by_its_hash(self, objects: ObjectStore, data: bytes) -> None:
        name = hashlib.sha256(data).hexdigest()
        assert not objects.has(name)
        assert objects.put(data) == name
        assert objects.has(name)
        assert objects.get(name) == data

    def test_the_same_bytes_again_are_the_same_object(self, objects: ObjectStore) -> None:
        assert objects.put(b"capture") == objects.put(b"capture")

    @pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "A" * 64, "0" * 63 + "\n", "晴川"])
    def test_what_was_never_put_is_not_found(self, objects: ObjectStore, name: str) -> None:
        assert not objects.has(name)
        with pytest.raises(NotFoundError):
            objects.get(name)

    def test_changed_bytes_are_not_handed_out(self, objects: ObjectStore, damage: Damage) -> None:
        name = objects.put(b"capture")
        damage(name, b"cupture")
        with pytest.raises(JianzhenError, match="were changed"):
            objects.get(name)

    def test_a_truncated_object_is_mended_by_the_next_put(self, objects: ObjectStore, damage: Damage) -> None:
        name = objects.put(b"capture")
        damage(name, b"cap")
        assert objects.put(b"capture") == name
        assert objects.get(name) == b"capture"

    def test_rivals_with_the_same_bytes_do_no_harm(self, objects: ObjectStore) -> None:
        data = secrets.token_bytes(200_000)
        assert len(set(race([lambda: objects.put(data)] * 6))) == 1
        assert objects.get(hashlib.sha256(data).hexdigest()) == data


class TestFiles(ObjectContract):
    @pytest.fixture
    def objects(self, tmp_path: Path) -> ObjectStore:
        return open_objects(ObjectSettings(url=str(tmp_path / "new" / "objects")))

    @pytest.fixture
    def damage(self, tmp_path: Path) -> Damage:
        return lambda name, data: (tmp_path / "new" / "objects" / name[:2] / name).write_bytes(data) and None

    def test_nothing_but_whole_objects_lies_in_the_folder(self, objects: ObjectStore, tmp_path: Path) -> None:
        names = {objects.put(secrets.token_bytes(1000)) for _ in range(20)}
        assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == names

    def test_a_changed_file_of_the_same_length_is_mended_too(self, objects: ObjectStore, damage: Damage) -> None:
        name = objects.put(b"capture")
        damage(name, b"cupture")
        objects.put(b"capture")
        assert objects.get(name) == b"capture"


@pytest.mark.xdist_group("objects")
class TestBucket(ObjectContract):
    @pytest.fixture
    def settings(self, s3_server: S3Server) -> ObjectSettings:
        """A prefix of the test's own."""
        return ObjectSettings(
            url=f"s3://{s3_server.bucket}/{secrets.token_hex(6)}/captures",
            endpoint=s3_server.endpoint,
            access_key=s3_server.access_key,
            secret_key=SecretStr(s3_server.secret_key),
        )

    @pytest.fixture
    def objects(self, settings: ObjectSettings) -> ObjectStore:
        return open_objects(settings)

    @pytest.fixture
    def damage(self, objects: BucketObjects) -> Damage:
        return lambda name, data: obstore.put(objects.client, f"{name[:2]}/{name}", data) and None

    def test_wrong_keys_are_a_matter_of_configuration(self, settings: ObjectSettings) -> None:
        stranger = open_objects(settings.model_copy(update={"secret_key": SecretStr("wrong")}))
        with pytest.raises(ConfigurationError, match="keys"):
            stranger.put(b"capture")
        with pytest.raises(ConfigurationError):
            stranger.get("0" * 64)


def test_a_server_that_is_away_is_a_fault() -> None:
    settings = ObjectSettings(
        url="s3://captures",
        endpoint=f"http://127.0.0.1:{free_ports(1)[0]}",
        access_key="key",
        secret_key=SecretStr("very-secret"),
        timeout_s=1,
    )
    with pytest.raises(TransientFault) as caught:
        open_objects(settings).put(b"capture")
    with pytest.raises(TransientFault):
        open_objects(settings).get("0" * 64)
    with pytest.raises(TransientFault):
        open_objects(settings).has("0" * 64)
    assert "very-secret" not in f"{caught.value} {settings!r}"


@pytest.mark.parametrize("url", ["", "ftp://host/x", "s3://", "s3:///prefix"])
def test_an_address_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_objects(ObjectSettings(url=url))


def test_a_file_address_may_be_written_as_url(tmp_path: Path) -> None:
    objects = open_objects(ObjectSettings(url=f"{(tmp_path / '证据 1').as_uri()}"))
    assert isinstance(objects, FileObjects)
    name = objects.put(b"capture")
    assert (tmp_path / "证据 1" / name[:2] / name).read_bytes() == b"capture"


def test_a_full_disk_is_told_and_leaves_no_half_object() -> None:
    done = run_on_small_disk("2m", "tests.models.storage.objects_without_room")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == {"refused": "no-room", "files": [found["name"]], "name": found["name"], "kept": True, "again": True}
