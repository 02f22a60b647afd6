"""The carrier's secret keys: one for each purpose, in a file of their own that only its owner may read.

Owns making, reading and using keys. Whoever holds the key file can recompute tokens from known waybills; whoever does
not can neither reverse nor enumerate them (HMAC-SHA256, RFC 2104).
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from jianzhen.whole_files import write_private
from models.errors import ConfigurationError

KEY_BYTES = 32
PURPOSES = ("parcel", "sender")


@dataclass(frozen=True, repr=False)
class Keys:
    """One key a purpose, so that the token of a waybill never equals or explains the token of a sender."""

    parcel: bytes
    sender: bytes

    def token(self, purpose: str, text: str) -> str:
        """64 hex digits for `text` under the key of that purpose."""
        key = {"parcel": self.parcel, "sender": self.sender}[purpose]
        return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def open_keys(path: Path) -> tuple[Keys, bool]:
    """The keys of that file, and whether they were just made. Raises `ConfigurationError` for a file that others may
    read or that holds no usable keys."""
    if not path.exists():
        return _make_keys(path), True
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigurationError("the key file can be read by others", where=str(path), mend=f"chmod 600 {path.name}")
    try:
        written = json.loads(path.read_bytes())
        keys = {purpose: bytes.fromhex(written[purpose]) for purpose in PURPOSES}
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(
            "this is not a key file of jianzhen tokenise", where=str(path), mend="name a new file to make keys"
        ) from None
    if any(len(key) < KEY_BYTES for key in keys.values()) or keys["parcel"] == keys["sender"]:
        raise ConfigurationError(f"keys need {KEY_BYTES} bytes each and must differ", where=str(path))
    return Keys(**keys), False


def _make_keys(path: Path) -> Keys:
    keys = {purpose: secrets.token_bytes(KEY_BYTES) for purpose in PURPOSES}
    with write_private(path) as file:
        file.write(json.dumps({purpose: key.hex() for purpose, key in keys.items()}, indent=1).encode() + b"\n")
    return Keys(**keys)
