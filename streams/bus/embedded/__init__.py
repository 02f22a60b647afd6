"""The embedded bus: a durable log in SQLite files, for many processes of one machine, with consumer groups.

`files` opens the databases, `log` holds the messages, `groups` holds members, leases and offsets, `bus` puts them
behind the protocol. Messages and group state live in two files, so that acknowledging never waits for appending.
"""

from streams.bus.embedded.bus import EmbeddedBus

__all__ = ["EmbeddedBus"]
