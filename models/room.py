"""Room: telling that a disk is full from every other fault, whoever met it.

Owns the one error for it. A full disk is waited for like a server that is away; it has a code of its own because a
person has to make room.
"""

import errno
import sqlite3

from models.errors import NoRoom

# The disk, or what one user may fill of it. EFBIG is a limit on one file, not on the disk: it is not here.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# What obstore, which hands no number on, says of ENOSPC and EDQUOT.
FULL_WORDS = ("No space left on device", "Disk quota exceeded")
# The shared index of a write-ahead log (32 KiB) could not be made or grow: SQLite has no other word for it.
SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})


def none_left(where: str) -> NoRoom:
    """The error of a full disk."""
    return NoRoom(
        "存储空间已满，未写入任何内容 / the disk is full, nothing was written",
        where=where,
        mend="请腾出空间后重试 / make room, then try again",
    )


def none_in_sqlite(fault: BaseException | None) -> bool:
    """Whether this is SQLite's word for a full disk."""
    return isinstance(fault, sqlite3.Error) and getattr(fault, "sqlite_errorcode", 0) in SQLITE_FULL


def none_for_file(fault: Exception) -> bool:
    """Whether a file could not be written because its disk is full."""
    return getattr(fault, "errno", None) in FULL or any(words in str(fault) for words in FULL_WORDS)
