"""`jianzhen lookup`: the registry's nearest entries for each text or picture, without a threshold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.options import GoodsFile, MarksFile
from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import Ticker, note, note_unread_words, show_rejects
from jianzhen.whole_files import json_line, rejects_of, replacing
from models.errors import InputError
from models.formats import HitEntry, hit_line


def command(
    context: typer.Context,
    marks: MarksFile,
    out: Annotated[Path, typer.Option(help="写出 hits.jsonl / where the hits go")],
    texts: Annotated[Path | None, typer.Option(help="每行一段文字 / one text a line")] = None,
    pictures: Annotated[Path | None, typer.Option(help="每行一个图片路径 / one picture's path a line")] = None,
    goods: GoodsFile = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="每条给出几个最接近的 / how many for each")] = 10,
) -> None:
    """逐条查找最接近的商标或官方图片 / Rank the registry's nearest entries for each text or picture."""
    from jianzhen.registry_files import RegistryFiles
    from jianzhen.searching import search_pictures, search_texts

    if (texts is None) == (pictures is None):
        raise InputError("给出 --texts 或 --pictures 之一 / give either --texts or --pictures", where="jianzhen lookup")
    settings = session_of(context).settings
    if pictures:
        note_unread_words()
    count = 0
    with (
        rejects_of(out, texts or pictures, marks, goods) as rejects,
        replacing(out) as target,
        Ticker("查找 / looking up") as ticker,
    ):
        registry = RegistryFiles(marks, goods)
        found: Iterator[tuple[str, list[HitEntry]]]
        if texts:
            found = search_texts(registry, texts, rejects, top=top)
        elif pictures:
            found = search_pictures(
                registry, pictures, rejects, top=top, fetch=settings.fetch, limits=settings.pictures
            )
        for query, hits in found:
            target.write(json_line(hit_line(query, hits)))
            count += 1
            ticker.tick()
        show_rejects(rejects)
    note(f"已查找 / looked up: {count} → {out}")
