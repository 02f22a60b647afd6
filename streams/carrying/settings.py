"""Settings of carrying over a gap. `jianzhen.settings` composes them."""

from typing import Annotated

from pydantic import Field

from models.values import Value

SITE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Seconds = Annotated[float, Field(gt=0)]


class CarrySettings(Value):
    """Who sends, whom the inner side trusts, and how large a batch file may be."""

    site: str = Field(
        default="site-1",
        pattern=SITE_PATTERN,
        description="name of this sending site; a site that lost its folder of carried batches takes a new name",
    )
    folder: str = Field(
        default=".jianzhen/carry",
        description="where the sending side keeps what it has sent, and the receiving side what it has taken",
    )
    private_key: str = Field(
        default="", description="sending side: file of the private key that `jianzhen carry key` made"
    )
    trusted_keys: str = Field(
        default="", description="receiving side: folder with a public key `SITE.pub` for every site that is believed"
    )
    accepted_topics: tuple[str, ...] = Field(
        default=("listings", "parcels"), description="receiving side: topics that may come in; others are refused"
    )
    batch_messages: int = Field(default=2000, ge=1, le=50_000, description="most messages in one batch file")
    batch_bytes: int = Field(
        default=16_777_216,
        ge=65_536,
        le=1_073_741_824,
        description="a batch file is closed before its messages take more bytes; one message is never cut",
    )
    largest_file: int = Field(
        default=67_108_864, ge=65_536, description="receiving side: a file of more bytes is refused without being read"
    )
    pause_s: Seconds = Field(
        default=10.0, description="pause between two looks: what comes meanwhile shares one batch file"
    )
    settle_s: float = Field(
        default=60.0, ge=0, description="receiving side: a file cut short counts as still arriving for so long"
    )
    kept_batches: int = Field(
        default=1000, ge=1, description="sending side: newest batches kept of each topic, for `jianzhen carry again`"
    )
