"""A carrier's file as a whole: rows tokenised, and output, way back and keys each in its own place.

Owns where the files may lie: keys and way back never beside the output, both readable by their owner alone. The way
back only grows: what an earlier run wrote is kept, because nothing else leads from a token to its waybill.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jianzhen.carrier.columns import not_understood
from jianzhen.carrier.keys import Keys, open_keys
from jianzhen.carrier.tokenising import tokenise
from jianzhen.whole_files import json_line, replacing
from models.errors import InputError
from models.formats import Rejects
from models.formats.reasons import RowFault
from models.formats.tables import read_rows

INTERNAL = frozenset({"organisation_id", "zone_assumed", "source"})


@dataclass(frozen=True)
class TokenisedFiles:
    """Where the keys lie, where the way back goes, and what is handed over."""

    keys: Path
    way_back: Path
    out: Path

    def check(self) -> None:
        """Raises `InputError` when something private would lie where the output lies."""
        for name, path in (("--keys", self.keys), ("--way-back", self.way_back)):
            if path.resolve().parent == self.out.resolve().parent:
                raise InputError(
                    f"{name} 与输出在同一文件夹 / {name} lies in the folder of the output",
                    where=str(path),
                    mend="放在别的文件夹, 免得一起交出 / keep it elsewhere, it must never be handed over",
                )
        if self.keys.resolve() == self.way_back.resolve():
            raise InputError("--keys 与 --way-back 是同一文件 / both name one file", where=str(self.keys))


@dataclass
class Tokenised:
    """What a run did: parcels written, whether keys were made, and the columns whose values were dropped because their
    names are not in `jianzhen.carrier.columns`."""

    parcels: int = 0
    keys_made: bool = False
    dropped_columns: dict[str, None] = field(default_factory=dict)


def tokenise_file(source: Path, files: TokenisedFiles, rejects: Rejects, *, carrier: str = "") -> Tokenised:
    """Tokenise every good row. The output appears when it is whole. `rejects` never holds content."""
    files.check()
    rejects.mask()
    for path in (files.keys, files.way_back):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys, made = open_keys(files.keys)
    done = Tokenised(keys_made=made)
    with replacing(files.out) as parcels, replacing(files.way_back, private=True) as back:
        known = set()
        for line in _earlier(files.way_back):
            back.write(line)
            known.add(line)
        for record, link in _rows(source, keys, carrier, rejects, done):
            parcels.write(record)
            if link not in known:
                back.write(link)
    return done


def _earlier(way_back: Path) -> Iterator[bytes]:
    if way_back.exists():
        with way_back.open("rb") as file:
            yield from (line if line.endswith(b"\n") else line + b"\n" for line in file)


def _rows(source: Path, keys: Keys, carrier: str, rejects: Rejects, done: Tokenised) -> Iterator[tuple[bytes, bytes]]:
    """Each good row as a line of parcels and a line of the way back."""
    seen: dict[str, int] = {}
    for row in read_rows(source, rejects):
        done.dropped_columns.update(dict.fromkeys(not_understood(row.values)))
        try:
            record, link = tokenise(row.values, keys, carrier=carrier)
            first = seen.setdefault(record.parcel_token, row.line)
            if first != row.line:
                raise RowFault("duplicate", field="waybill", value="***", first=first)
        except RowFault as fault:
            rejects.fault(row.line, fault, file=source.name)
            continue
        done.parcels += 1
        yield json_line(record.content(without=INTERNAL)), json_line(vars(link))
