"""`jianzhen tokenise`: run by the carrier, on the carrier's machine; parcels leave without personal data."""

from pathlib import Path
from typing import Annotated

import typer

from jianzhen.carrier.files import TokenisedFiles, tokenise_file
from jianzhen.commands.terminal import note, print_table, show_rejects
from jianzhen.whole_files import rejects_of

SHOWN_COLUMNS = 20
LONGEST_NAME = 20


def command(
    source: Annotated[
        Path, typer.Argument(metavar="WAYBILLS", help="寄递企业的运单文件 (.csv 或 .jsonl) / the carrier's waybills")
    ],
    keys: Annotated[
        Path, typer.Option(help="密钥文件，没有则新建，仅本人可读 / key file, made with mode 0600 when missing")
    ],
    out: Annotated[Path, typer.Option(help="去标识化后的 parcels.jsonl / the tokenised parcels")],
    way_back: Annotated[
        Path, typer.Option(help="对照表，只留在寄递企业 (0600) / token to waybill, stays with the carrier")
    ],
    carrier: Annotated[
        str, typer.Option(help="运单中没有企业名称时使用 / the carrier's name where rows have none")
    ] = "",
) -> None:
    """寄递企业一侧：运单去标识化，姓名、电话、地址不出企业 / Replace waybills and senders by tokens; names, phones
    and addresses stay with the carrier."""
    with rejects_of(out, source) as rejects:
        done = tokenise_file(source, TokenisedFiles(keys, way_back, out), rejects, carrier=carrier)
        rows = [("寄递记录 / parcels", done.parcels), ("拒收的行 / rejected rows", rejects.rejected)]
        print_table("运单去标识化 / Waybills tokenised", ("", "行数 / rows"), rows, numbers=1)
        show_rejects(rejects)
    if done.dropped_columns:
        names = [_short(name) for name in done.dropped_columns][:SHOWN_COLUMNS]
        note(f"列名未识别，内容已丢弃 / columns not understood, their values were dropped: {', '.join(names)}")
    if done.keys_made:
        note(f"已生成密钥，请妥善保管 / keys were made, keep them safe: {keys}")


def _short(name: str) -> str:
    """A column's name, or the beginning of what stands where a name should."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
