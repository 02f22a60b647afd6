"""An object folder on a disk that is too small, run on one of its own (`tests.servers.small_disk`)."""

import json
import secrets
import sys
from pathlib import Path

from models.errors import NoRoom
from models.storage import ObjectSettings, open_objects
from tests.servers.small_disk import Ballast


def main(disk: Path) -> dict[str, object]:
    """What the folder answers, and which files are there, while the disk is full and afterwards."""
    objects = open_objects(ObjectSettings(url=str(disk / "objects")))
    kept, large = secrets.token_bytes(200_000), secrets.token_bytes(400_000)
    name = objects.put(kept)
    ballast = Ballast(disk)
    ballast.fill(but=100_000)
    refused = ""
    try:
        objects.put(large)
    except NoRoom as error:
        refused = error.code
    found = {"refused": refused, "files": files(disk), "name": name, "kept": objects.get(name) == kept}
    ballast.drop()
    found["again"] = objects.get(objects.put(large)) == large
    return found


def files(disk: Path) -> list[str]:
    return sorted(path.name for path in (disk / "objects").rglob("*") if path.is_file())


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201
