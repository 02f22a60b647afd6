"""The messages of the embedded bus: one append-only table per partition, its row id the offset.

Owns topics, partitions and messages; knows nothing of groups.
"""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from streams.bus.embedded.files import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (
    topic_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL CHECK (partitions > 0)
)
"""


class TopicRow(NamedTuple):
    """A topic as it was created; the number of its partitions never changes."""

    topic_id: int
    partitions: int


class Message(NamedTuple):
    """One message at its place."""

    offset: int
    key: str
    body: bytes


class Log:
    """The log file."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, SCHEMA)
        self._topics: dict[str, TopicRow] = {}

    def topic(self, name: str) -> TopicRow | None:
        """The topic of that name, if it was created."""
        known = self._topics.get(name)
        if known is None:
            with self._database.read() as connection:
                row = connection.execute("SELECT topic_id, partitions FROM topics WHERE name = ?", (name,)).fetchone()
            if row is None:
                return None
            known = self._topics[name] = TopicRow(*row)
        return known

    def create(self, name: str, partitions: int) -> bool:
        """Create a topic unless it exists; returns whether it was created."""
        with self._database.write() as connection:
            made = connection.execute(
                "INSERT INTO topics (name, partitions) VALUES (?, ?) ON CONFLICT (name) DO NOTHING RETURNING topic_id",
                (name, partitions),
            ).fetchone()
            for partition in range(partitions) if made else ():
                connection.execute(
                    f"CREATE TABLE {_table(made[0], partition)} "
                    "(message_offset INTEGER PRIMARY KEY, message_key TEXT NOT NULL, body BLOB NOT NULL)"
                )
        return made is not None

    def append(self, topic: TopicRow, messages: Sequence[tuple[str, bytes]]) -> None:
        """Append (key, body) pairs in one transaction, durable on return."""
        by_partition: dict[int, list[tuple[str, bytes]]] = {}
        for key, body in messages:
            by_partition.setdefault(partition_of(key, topic.partitions), []).append((key, body))
        with self._database.write() as connection:
            for partition, rows in by_partition.items():
                table = _table(topic.topic_id, partition)
                start = connection.execute(f"SELECT coalesce(max(message_offset) + 1, 0) FROM {table}").fetchone()[0]
                connection.executemany(
                    f"INSERT INTO {table} VALUES (?, ?, ?)",
                    [(offset, key, body) for offset, (key, body) in enumerate(rows, start)],
                )

    def read(self, topic: TopicRow, partition: int, start: int, limit: int) -> list[Message]:
        """At most `limit` messages from offset `start` on."""
        table = _table(topic.topic_id, partition)
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT message_offset, message_key, body FROM {table} WHERE message_offset >= ? "
                "ORDER BY message_offset LIMIT ?",
                (start, limit),
            ).fetchall()
        return [Message(*row) for row in rows]

    def end(self, topic: TopicRow, partition: int) -> int:
        """The offset that the next message of the partition will have."""
        table = _table(topic.topic_id, partition)
        with self._database.read() as connection:
            found: int = connection.execute(f"SELECT coalesce(max(message_offset) + 1, 0) FROM {table}").fetchone()[0]
        return found

    def trim(self, topic: TopicRow, partition: int, before: int) -> None:
        """Remove what lies before that offset, but for the last message: it tells where the next one goes."""
        table = _table(topic.topic_id, partition)
        with self._database.write() as connection:
            connection.execute(
                f"DELETE FROM {table} WHERE message_offset < min(?, (SELECT max(message_offset) FROM {table}))",
                (before,),
            )

    def close(self) -> None:
        self._database.close()


def partition_of(key: str, partitions: int) -> int:
    """The partition that holds all messages of `key`."""
    return zlib.crc32(key.encode()) % partitions


def _table(topic_id: int, partition: int) -> str:
    return f"log_{topic_id}_{partition}"
