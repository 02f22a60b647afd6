"""Consumer groups of the embedded bus: who is a member, who holds which partition, how far each group has come.

There is no leader. Every member, at every heartbeat, in one transaction: buries the members whose time has run out,
gives back what exceeds its fair share, and claims what nobody living holds. The fair shares add up to all partitions,
so that the members settle without speaking to each other. Each opening of a member draws a new incarnation; leases
and commits are checked against it, so that whoever was taken over can commit nothing.
"""

import secrets
import sqlite3
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from models.errors import ConflictError
from streams.bus.embedded.files import Database

# Session timeouts; members of one group may be set a little differently.
LONGEST_PROMISE = 4
SCHEMA = """
CREATE TABLE IF NOT EXISTS members (
    consumer_group TEXT, topic TEXT, member TEXT, incarnation TEXT NOT NULL, expires REAL NOT NULL,
    PRIMARY KEY (consumer_group, topic, member)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (
    consumer_group TEXT, topic TEXT, partition INTEGER, member TEXT NOT NULL, incarnation TEXT NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (
    consumer_group TEXT, topic TEXT, partition INTEGER, next_offset INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Membership:
    """One opening of one member of a group on a topic."""

    group: str
    topic: str
    member: str
    incarnation: str


class Holding(NamedTuple):
    """A partition that a member holds: where its group goes on, and whether the member did not hold it before."""

    committed: int
    claimed_now: bool


class Groups:
    """The groups file."""

    def __init__(self, path: Path, *, session_timeout_s: float) -> None:
        self._database = Database(path, SCHEMA)
        self._session_timeout_s = session_timeout_s

    def join(self, group: str, topic: str, member: str) -> Membership:
        """Become a member. Whoever bore the name before is fenced, and its leases pass to this opening at once."""
        joined = Membership(group, topic, member, secrets.token_hex(8))
        with self._database.write() as connection:
            self._enter(connection, joined)
            connection.execute(
                "UPDATE leases SET incarnation = ? WHERE (consumer_group, topic, member) = (?, ?, ?)",
                (joined.incarnation, group, topic, member),
            )
        return joined

    def heartbeat(self, me: Membership) -> None:
        """Say that this member lives; nothing if it was taken over or buried."""
        with self._database.write() as connection:
            self._renew(connection, me)

    def balance(self, me: Membership, partitions: int, busy: Collection[int]) -> dict[int, Holding]:
        """Take this member's part in sharing the partitions; returns those it holds now. Partitions in `busy` are not
        given back yet. Raises `ConflictError` when another opening has taken the name."""
        with self._database.write() as connection:
            self._stay(connection, me)
            living = self._living(connection, me)
            holders = self._holders(connection, me)
            mine = sorted(p for p, holder in holders.items() if holder == (me.member, me.incarnation))
            share = _fair_share(sorted(living), me.member, partitions)
            for partition in [p for p in reversed(mine) if p not in busy][: max(0, len(mine) - share)]:
                self._release(connection, me, partition)
                mine.remove(partition)
            free = [p for p in range(partitions) if p not in holders or living.get(holders[p][0]) != holders[p][1]]
            claimed = free[: max(0, share - len(mine))]
            for partition in claimed:
                self._claim(connection, me, partition)
            committed = self._committed(connection, me.group, me.topic)
        return {p: Holding(committed.get(p, 0), claimed_now=p in claimed) for p in (*mine, *claimed)}

    def commit(self, me: Membership, offsets: Mapping[int, int]) -> None:
        """Move the group's offsets forward, durably, in the partitions that this opening still holds."""
        with self._database.write() as connection:
            for partition, offset in offsets.items():
                connection.execute(
                    """INSERT INTO offsets SELECT consumer_group, topic, partition, ? FROM leases
                    WHERE (consumer_group, topic, partition, member, incarnation) = (?, ?, ?, ?, ?)
                    ON CONFLICT (consumer_group, topic, partition)
                    DO UPDATE SET next_offset = max(next_offset, excluded.next_offset)""",
                    (offset, me.group, me.topic, partition, me.member, me.incarnation),
                )
            self._renew(connection, me)

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The group's offsets: the next message of each partition that has one committed."""
        with self._database.read() as connection:
            return self._committed(connection, group, topic)

    def leave(self, me: Membership) -> None:
        """Give everything back at once."""
        with self._database.write() as connection:
            for table in ("leases", "members"):
                connection.execute(
                    f"DELETE FROM {table} WHERE (consumer_group, topic, member, incarnation) = (?, ?, ?, ?)",
                    (me.group, me.topic, me.member, me.incarnation),
                )

    def close(self) -> None:
        self._database.close()

    def _enter(self, connection: sqlite3.Connection, me: Membership) -> None:
        connection.execute(
            """INSERT INTO members VALUES (?, ?, ?, ?, ?) ON CONFLICT (consumer_group, topic, member)
            DO UPDATE SET incarnation = excluded.incarnation, expires = excluded.expires""",
            (me.group, me.topic, me.member, me.incarnation, time.time() + self._session_timeout_s),
        )

    def _renew(self, connection: sqlite3.Connection, me: Membership) -> bool:
        found = connection.execute(
            "UPDATE members SET expires = ? WHERE (consumer_group, topic, member, incarnation) = (?, ?, ?, ?)",
            (time.time() + self._session_timeout_s, me.group, me.topic, me.member, me.incarnation),
        )
        return found.rowcount == 1

    def _stay(self, connection: sqlite3.Connection, me: Membership) -> None:
        """Renew; come back when buried meanwhile; refuse when the name has passed to another opening."""
        if self._renew(connection, me):
            return
        other = connection.execute(
            "SELECT 1 FROM members WHERE (consumer_group, topic, member) = (?, ?, ?)", (me.group, me.topic, me.member)
        ).fetchone()
        if other:
            raise ConflictError(
                f"another worker has taken the name {me.member!r} in group {me.group!r}",
                where=me.topic,
                mend="give every worker its own member name",
            )
        self._enter(connection, me)

    def _living(self, connection: sqlite3.Connection, me: Membership) -> dict[str, str]:
        """Bury the dead; returns the incarnation of each member that lives. Who would live longer than any heartbeat
        promises had its last one before the clock was set back."""
        now = time.time()
        connection.execute(
            "DELETE FROM members WHERE (consumer_group, topic) = (?, ?) AND expires NOT BETWEEN ? AND ?",
            (me.group, me.topic, now, now + LONGEST_PROMISE * self._session_timeout_s),
        )
        return dict(
            connection.execute(
                "SELECT member, incarnation FROM members WHERE (consumer_group, topic) = (?, ?)", (me.group, me.topic)
            ).fetchall()
        )

    def _holders(self, connection: sqlite3.Connection, me: Membership) -> dict[int, tuple[str, str]]:
        rows = connection.execute(
            "SELECT partition, member, incarnation FROM leases WHERE (consumer_group, topic) = (?, ?)",
            (me.group, me.topic),
        )
        return {partition: (member, incarnation) for partition, member, incarnation in rows}

    def _committed(self, connection: sqlite3.Connection, group: str, topic: str) -> dict[int, int]:
        rows = connection.execute(
            "SELECT partition, next_offset FROM offsets WHERE (consumer_group, topic) = (?, ?)", (group, topic)
        )
        return dict(rows.fetchall())

    def _release(self, connection: sqlite3.Connection, me: Membership, partition: int) -> None:
        connection.execute(
            "DELETE FROM leases WHERE (consumer_group, topic, partition) = (?, ?, ?)", (me.group, me.topic, partition)
        )

    def _claim(self, connection: sqlite3.Connection, me: Membership, partition: int) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)",
            (me.group, me.topic, partition, me.member, me.incarnation),
        )


def _fair_share(members: list[str], member: str, partitions: int) -> int:
    """How many partitions `member` is due; the first ones in the list take what does not divide."""
    even, rest = divmod(partitions, len(members))
    return even + (1 if members.index(member) < rest else 0)
