"""Names: the public names and the slang of a mark, from the shipped table and from a user's own column."""

import pytest

from detectors.trademark.alphabet import plain
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


def test_every_row_of_the_table_is_whole() -> None:
    assert [row for row in rows("known_names") if not whole(row)] == []


@pytest.mark.parametrize(
    "row",
    [
        ("晴川", "", "25", "25"),
        ("", "晴家", "25"),
        ("晴川;", "", "25"),
        ("晴川; 青岚", "", "25"),
        ("晴川；青岚", "", "25"),
        ("晴川;晴川", "", "25"),
        ("晴川", "晴川", "25"),
        ("···", "", "25"),
        ("晴川", "QC", "25"),
        ("晴川", "川", "25"),
        ("晴川", "", ""),
        ("晴川", "", "46"),
        ("晴川", "", "25;18"),
        ("晴川", "", "25;25"),
    ],
    ids=",".join,
)
def test_a_row_that_is_not_whole_is_seen(row: tuple[str, ...]) -> None:
    assert not whole(row)


def test_a_row_may_have_one_official_name() -> None:
    assert whole(("晴川", "", "18;25"))
    assert any(";" not in official for official, _, _ in rows("known_names"))


def test_no_two_rows_have_one_official_name_for_the_same_goods() -> None:
    table = rows("known_names")
    assert twice(table) == []
    assert twice((*table, table[0])) != []


def whole(row: tuple[str, ...]) -> bool:
    """Three cells of clean names: one official at least, no letter or single character as slang, classes in order."""
    if len(row) != 3 or any(sign in cell for cell in row for sign in "；，、\ufeff\u3000\t"):
        return False
    official, slang, classes = (cell.split(";") if cell else [] for cell in row)
    told = [*official, *slang]
    numbers = [int(number) for number in classes if number.isdigit()]
    return (
        bool(official)
        and all(name == name.strip() and letters(name) for name in told)
        and len(set(told)) == len(told)
        and all(len(name) >= (3 if name.isascii() else 2) for name in slang)
        and [str(number) for number in sorted(set(numbers))] == classes != []
        and set(numbers) <= set(range(1, 46))
    )


def twice(table: tuple[tuple[str, ...], ...]) -> list[str]:
    """The official names that stand in more than one row with a class in common."""
    told: dict[str, list[tuple[int, set[str]]]] = {}
    for number, (official, _, classes) in enumerate(table):
        for name in official.split(";"):
            told.setdefault(letters(name), []).append((number, set(classes.split(";"))))
    return [
        name
        for name, found in told.items()
        if any(one[0] < other[0] and one[1] & other[1] for one in found for other in found)
    ]


def letters(name: str) -> str:
    return "".join(map(plain, name))
