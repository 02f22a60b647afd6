"""`jianzhen price train`: the second opinion on prices, learned from a file of listings."""

from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.options import AsOf, MarksFile, moment_of
from jianzhen.commands.terminal import note, print_table, show_rejects
from jianzhen.whole_files import rejects_of, replacing
from models.formats import read_listings

group = typer.Typer(help="价格模型 / The model that gives a second opinion on prices.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """价格模型 / The model that gives a second opinion on prices."""


@group.command("train")
def train_model(
    marks: MarksFile,
    listings: Annotated[Path, typer.Option(help="用于训练的商品信息 / the listings to learn from")],
    out: Annotated[Path, typer.Option(help="写出模型文件 (.npz) / where the model goes")],
    as_of: AsOf = "",
) -> None:
    """用商品信息训练价格模型（孤立森林），写成不含代码的数组文件；需要 scikit-learn / Train the price model (an
    isolation forest) on listings and write it as plain arrays; needs scikit-learn."""
    from detectors.price.forest_training import train
    from jianzhen.registry_files import RegistryFiles
    from streams.screening.market import to_bytes, training_rows

    at = moment_of(as_of)
    with rejects_of(out, listings, marks) as rejects:
        registry = RegistryFiles(marks).usable(rejects)
        rows = training_rows(registry, list(read_listings(listings, rejects, intake_at=at)), at=at)
        forest = train(rows)
        with replacing(out) as target:
            target.write(to_bytes(forest.arrays()))
        print_table("价格模型 / Price model", ("", "数量 / count"), [("可比报价 / offers", len(rows))], numbers=1)
        show_rejects(rejects)
    note(f"模型版本 / model version: {forest.version}")
