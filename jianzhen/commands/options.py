"""Options that several commands share, worded once."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from models.moments import now, parse_moment

MarksFile = Annotated[Path, typer.Option("--marks", help="商标 marks.csv / the marks")]
OptionalMarksFile = Annotated[Path | None, typer.Option("--marks", help="商标 marks.csv / the marks")]
GoodsFile = Annotated[Path | None, typer.Option("--goods", help="参照商品 goods.csv / reference goods")]
AuthorisedFile = Annotated[
    Path | None, typer.Option("--authorised", help="授权商家 authorised.csv / licensees and authorised sellers")
]
OperatorsFile = Annotated[Path | None, typer.Option("--operators", help="经营主体 operators.csv / known firms")]
PenaltiesFile = Annotated[
    Path | None, typer.Option("--penalties", help="行政处罚公示 penalties.csv / published penalties")
]
NumbersFile = Annotated[
    Path | None, typer.Option("--numbers", help="编号名录 numbers.csv / patents, licences and certificates")
]
AsOf = Annotated[
    str,
    typer.Option("--as-of", help="视为此刻，ISO 8601，默认当前时间 / time to judge by, default now", metavar="TIME"),
]
PrivateAddresses = Annotated[
    bool,
    typer.Option(
        "--allow-private-addresses", help="允许访问内网和本机地址 / also fetch private and loopback addresses"
    ),
]


def moment_of(as_of: str) -> datetime:
    """The time a command is told to judge by, or now. Raises `InputError`."""
    return parse_moment(as_of).at if as_of else now()
