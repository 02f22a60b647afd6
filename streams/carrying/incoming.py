"""The receiving side: proves batch files and publishes their messages onto the inner bus, in order, each batch once.

A batch is published and then recorded; what dies in between is published again, and the store's unique keys absorb it.
Nothing of a file is published before its signature and its place in the chain hold. A missing batch stops its stream,
and no other, until it arrives or an operator declares it lost.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from models.errors import FileRejected
from models.moments import now
from streams.bus import Bus
from streams.bus.raw import Raw, raw_topic
from streams.carrying.batch_files import SUFFIX, Batch, StillArriving, read_batch, read_header
from streams.carrying.ledger import Ledger, Stream
from streams.carrying.places import away, move_aside
from streams.carrying.settings import CarrySettings
from streams.carrying.signing import Trusted

log = structlog.get_logger(__name__)

TAKEN, REFUSED = "taken", "refused"

Waiting = dict[tuple[str, str], dict[int, list[Path]]]


@dataclass
class Sweep:
    """What one look into the folder came to. Gaps are told as site, topic and the missing numbers, first and last."""

    batches: int = 0
    messages: int = 0
    repeats: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    arriving: list[str] = field(default_factory=list)
    gaps: list[tuple[str, str, int, int]] = field(default_factory=list)


def _carry_on(step: str) -> None:
    """The default checkpoint: does nothing."""


class Incoming:
    """Takes batches in from one folder. `trusted` answers with the keys of the moment; `accepted` are the names of the
    topics that may come in; `checkpoint` is called with `published` and `recorded`. The caller holds the ledger's
    folder (`places.alone`)."""

    def __init__(
        self,
        bus: Bus,
        folder: Path,
        ledger: Ledger,
        trusted: Callable[[], Trusted],
        accepted: frozenset[str],
        settings: CarrySettings,
        *,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
    ) -> None:
        self._bus, self._folder, self._ledger = bus, folder, ledger
        self._find_keys, self._accepted, self._settings = trusted, accepted, settings
        self._trusted: Trusted = {}
        self._clock, self._checkpoint = clock, checkpoint
        self._told: set[tuple[str, str, int, int]] = set()

    def sweep(self) -> Sweep:
        """Take everything that is due, in the order of its numbers, whatever order the files lie in. Raises
        `TransientFault`: what was recorded by then stays taken, the rest is taken by the next sweep."""
        seen = Sweep()
        self._trusted = self._find_keys()
        for (site, topic), batches in sorted(self._look(seen).items()):
            self._take_stream(self._ledger.stream(site, topic), batches, seen)
        return seen

    def _look(self, seen: Sweep) -> Waiting:
        """The files by stream and number, as their headers claim."""
        waiting: Waiting = defaultdict(lambda: defaultdict(list))
        for path in self._files():
            try:
                header = read_header(path)
                self._check_topic(header.topic, path)
            except FileRejected as error:
                self._turn_away(path, error, seen)
            except OSError as error:
                raise away(path, error) from error
            else:
                waiting[header.site, header.topic][header.sequence].append(path)
        return waiting

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.suffix == SUFFIX and path.is_file())
        except OSError as error:
            raise away(self._folder, error) from error

    def _check_topic(self, topic: str, path: Path) -> None:
        if topic not in self._accepted:
            raise FileRejected(
                f"不接收主题 {topic} / the topic {topic} is not accepted here",
                where=str(path),
                mend="carry.accepted_topics",
            )

    def _take_stream(self, stream: Stream, batches: Mapping[int, list[Path]], seen: Sweep) -> None:
        for sequence in sorted(batches):
            for path in batches[sequence]:
                if sequence <= stream.expected:
                    stream = self._consider(stream, path, seen)
                elif self._genuine(path, seen):
                    self._tell_gap(stream, sequence - 1, seen)
                    return
        due = batches.get(stream.expected, ())
        if due and not any(path.name in seen.arriving for path in due):  # it came, and was refused
            self._tell_gap(stream, stream.expected, seen)

    def _genuine(self, path: Path, seen: Sweep) -> bool:
        """Whether a file that is not due yet is a batch at all: a changed number must not make a gap."""
        try:
            self._read(path)
        except FileRejected as error:
            self._turn_away(path, error, seen)
            return False
        return True

    def _consider(self, stream: Stream, path: Path, seen: Sweep) -> Stream:
        """Take the file if it is the one that is due; returns the stream as it stands then."""
        try:
            batch = self._proved(stream, path)
        except FileRejected as error:
            self._turn_away(path, error, seen)
            return stream
        if batch.header.sequence <= stream.sequence:
            seen.repeats.append(path.name)
            log.info("batch repeated", batch=path.name)
        else:
            stream = self._take(stream, batch)
            seen.batches += 1
            seen.messages += len(batch.messages)
            log.info("batch taken in", batch=batch.header.name, messages=batch.header.messages)
        move_aside(path, self._folder / TAKEN)
        return stream

    def _take(self, stream: Stream, batch: Batch) -> Stream:
        """Publish, then record."""
        raws = [Raw(each.key, each.body) for each in batch.messages]
        self._bus.publish(raw_topic(batch.header.topic), raws)
        self._checkpoint("published")
        stream = stream.with_batch(batch, self._clock())
        self._ledger.record(stream)
        self._checkpoint("recorded")
        return stream

    def _proved(self, stream: Stream, path: Path) -> Batch:
        """The batch, with its signature and its place in the chain proved. Raises `FileRejected`."""
        batch = self._read(path)
        sequence = batch.header.sequence
        if (batch.header.site, batch.header.topic) != (stream.site, stream.topic):
            raise FileRejected("文件在读取时被换 / the file was exchanged while it was read", where=str(path))
        if sequence == stream.expected and not stream.fits(batch):
            raise FileRejected(
                f"第 {sequence} 批与上一批不衔接 / batch {sequence} does not go on from the one before it",
                where=str(path),
                mend="查明来源；发送方可换站点名重新开始 / find out whose it is; its sender may start under a new name",
            )
        if stream.gave_up(sequence):
            raise FileRejected(
                f"第 {sequence} 批已声明丢失，迟到不再接收 / batch {sequence} was declared lost and comes too late",
                where=str(path),
                mend="让来源重新发布其内容 / have its source publish the contents again",
            )
        if stream.recent.get(sequence, batch.digest) != batch.digest:
            raise FileRejected(
                f"另有一个第 {sequence} 批已接收 / another batch {sequence} was taken before",
                where=str(path),
                mend="发送方丢了保留批次时应换站点名 / a site that lost its kept batches takes a new name",
            )
        return batch

    def _read(self, path: Path) -> Batch:
        try:
            return read_batch(path, self._trusted, largest=self._settings.largest_file)
        except OSError as error:
            raise away(path, error) from error

    def _turn_away(self, path: Path, error: FileRejected, seen: Sweep) -> None:
        if isinstance(error, StillArriving) and self._young(path):
            seen.arriving.append(path.name)
            return
        moved = move_aside(path, self._folder / REFUSED)
        moved.with_name(f"{moved.name}.reason.txt").write_text(f"{error}\n", "utf-8")
        seen.refused.append((path.name, str(error)))
        log.error("batch refused", file=path.name, reason=error.what)

    def _young(self, path: Path) -> bool:
        try:
            return self._clock().timestamp() - path.stat().st_mtime < self._settings.settle_s
        except OSError as error:
            raise away(path, error) from error

    def _tell_gap(self, stream: Stream, last: int, seen: Sweep) -> None:
        """The expected batch, and those up to `last`, are missing or were refused."""
        gap = (stream.site, stream.topic, stream.expected, last)
        seen.gaps.append(gap)
        if gap not in self._told:
            self._told.add(gap)
            log.warning("batches missing", site=gap[0], topic=gap[1], first=gap[2], last=gap[3])
