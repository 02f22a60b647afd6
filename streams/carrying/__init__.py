"""Carrying topics over a one-way gap between two networks, as signed, numbered batch files.

`batch_files` is the format, `signing` the keys, `outgoing` the side that sends, `incoming` the side that receives,
`ledger` what the receiving side remembers, `places` how files come onto a disk. docs/carrying.md tells it to people.
"""

from streams.carrying.incoming import Incoming, Sweep
from streams.carrying.outgoing import Outgoing
from streams.carrying.settings import CarrySettings

__all__ = ["CarrySettings", "Incoming", "Outgoing", "Sweep"]
