"""Names: the public names and the slang of a mark, from the shipped table and from a user's own column."""

import pytest

from detectors.trademark.names import Spelling, known_as, names
from detectors.trademark.tables import rows
from models.registry import Mark


def spelled(mark: Mark) -> dict[str, Spelling]:
    return dict(names(mark))


def test_a_mark_of_a_known_brand_has_its_other_names_and_its_slang() -> None:
    official, slang, classes = next(row for row in rows("known_names") if row[1])
    first, *others = official.split(";")
    mark = Mark(mark_id="M1", text=first.upper(), nice_classes=(int(classes.split(";")[0]),))
    told = spelled(mark)
    assert all(told[name] is Spelling.ALIAS for name in others)
    assert all(told[name] is Spelling.SLANG for name in slang.split(";"))


def test_on_other_goods_the_same_word_is_another_mark() -> None:
    official, _, classes = rows("known_names")[0]
    free = next(number for number in range(1, 46) if str(number) not in classes.split(";"))
    assert known_as(Mark(mark_id="M1", text=official.split(";")[0], nice_classes=(free,))) == []


def test_a_user_adds_slang_in_a_column_of_the_own_marks() -> None:
    mark = Mark(mark_id="M1", text="晴川", attributes={"slang": "川家; 晴老大 "})
    told = spelled(mark)
    assert (told["川家"], told["晴老大"]) == (Spelling.SLANG, Spelling.SLANG)


@pytest.mark.parametrize("row", rows("known_names"), ids=lambda row: row[0])
def test_every_row_of_the_table_is_whole(row: tuple[str, ...]) -> None:
    official, slang, classes = row
    told = [*official.split(";"), *filter(None, slang.split(";"))]
    assert len(told) >= 2
    assert len(set(told)) == len(told)
    assert all(name == name.strip() != "" for name in told)
    assert all(1 <= int(number) <= 45 for number in classes.split(";"))
