"""A carrier's file as a whole: the way back only grows, and columns that were dropped are named."""

import json
from pathlib import Path

from jianzhen.carrier.files import Tokenised, TokenisedFiles, tokenise_file
from models.formats import Rejects


def run(folder: Path, *rows: dict[str, str]) -> Tokenised:
    source = folder / "waybills.jsonl"
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    files = TokenisedFiles(folder / "own" / "keys", folder / "own" / "back.jsonl", folder / "out" / "parcels.jsonl")
    files.out.parent.mkdir(exist_ok=True)
    with Rejects() as rejects:
        return tokenise_file(source, files, rejects, carrier="示例速递")


def way_back(folder: Path) -> list[str]:
    lines = (folder / "own" / "back.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["waybill"] for line in lines]


def test_a_second_file_leaves_the_first_ones_way_back(tmp_path: Path) -> None:
    assert run(tmp_path, {"运单号": "DM0000000001"}).keys_made
    second = run(tmp_path, {"运单号": "DM0000000002"})
    assert (second.parcels, second.keys_made) == (1, False)
    assert way_back(tmp_path) == ["DM0000000001", "DM0000000002"]
    assert (tmp_path / "own" / "back.jsonl").stat().st_mode & 0o077 == 0


def test_the_same_file_again_adds_nothing_to_the_way_back(tmp_path: Path) -> None:
    for _ in range(2):
        run(tmp_path, {"运单号": "DM0000000001"}, {"运单号": "DM0000000002"})
    assert way_back(tmp_path) == ["DM0000000001", "DM0000000002"]


def test_a_way_back_that_was_cut_off_is_continued_on_a_new_line(tmp_path: Path) -> None:
    run(tmp_path, {"运单号": "DM0000000001"})
    back = tmp_path / "own" / "back.jsonl"
    back.write_bytes(back.read_bytes().rstrip(b"\n"))
    run(tmp_path, {"运单号": "DM0000000001"}, {"运单号": "DM0000000002"})
    assert way_back(tmp_path) == ["DM0000000001", "DM0000000002"]


def test_filled_columns_that_mean_nothing_are_named_without_their_values(tmp_path: Path) -> None:
    done = run(tmp_path, {"运单号": "DM0000000001", "物品": "跑鞋", "空列": ""})
    assert list(done.dropped_columns) == ["物品"]
