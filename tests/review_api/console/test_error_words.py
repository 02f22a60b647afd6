"""Errors in the reader's language: every sentence that the code may raise at people is in Chinese too, and no other."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from models import errors
from models.dead_letters import LetterState
from review_api.console.error_words import BOTH, in_language, sentences
from review_api.console.texts import catalogue

ROOT = Path(str(resources.files("models"))).parent
# What is raised at people, and what kills messages: they read why.
TOLD = {"ConflictError", "InputError", "ForbiddenError", "NotInstalledError", "FileRejected", "PictureRejected",
        "RowRejected", "TooManyAttempts", "PoisonError"}  # fmt: skip
ROOMS = {"models": TOLD, "review_api": TOLD, "streams/bus": {"PoisonError"}}
# Raised by commands and while a service starts, never at somebody who looks at a page.
AT_A_TERMINAL = ("models/storage/backup.py", "models/law", "models/public_records.py", "models/formats/lines.py")
# Said by others and by no `raise` of ours, or a part of a sentence that is put together.
BESIDE = {"somebody decided", "the lead was screened again", "a person needs a role",
          "it is at revision {}, not {}", "its group has {} leads, not {}", "somebody acted on it since",
          "an organisation of kind {} has no role {}"}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said(node: ast.expr) -> str:
    """The form of a sentence as the code writes it; empty where it is not written there."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(said(part) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return said(left) + said(right)
        case _:
            return ""


def raised() -> Iterator[tuple[str, str]]:
    """Place and form of everything that errors say: what is wrong, and how to mend it."""
    for room, kinds in ROOMS.items():
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                    words = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "mend")]
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield from ((place, form) for form in map(said, words) if " " in form)  # else it is an example


def test_every_error_is_told_in_chinese() -> None:
    lacking = [
        f"{place}: {form}"
        for place, form in raised()
        if form not in {*sentences(), "{} / {}"} and not BOTH.fullmatch(form) and not place.startswith(AT_A_TERMINAL)
    ]
    assert not lacking, "\n".join(lacking)


def test_nothing_is_kept_that_no_error_says() -> None:
    ours = {form for _, form in raised()} | BESIDE
    theirs = set(_room("dying"))
    assert [form for form in sentences() if form not in ours | theirs] == []


def test_the_chinese_fills_in_what_the_english_does() -> None:
    for english, chinese in sentences().items():
        filled = {int(number) for number in re.findall(r"\{(\d+)(?::[a-z_]+)?\}", chinese)}
        assert filled <= set(range(english.count("{}"))), english
        assert CHINESE.search(chinese) or chinese == "{0:error}", english
        for family in re.findall(r"\{\d+:([a-z_]+)\}", chinese):
            assert family in {"error", "complaints"} or any(key.startswith(f"{family}.") for key in catalogue()), family


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("no lead was chosen", "没有选择信息"),
        ("a batch that is draft is not sent", "“草稿”的批次不能发出"),
        (
            "somebody decided meanwhile: it is at revision 3, not 2",
            "该信息已由他人处置：现为第 3 次修订，页面上是第 2 次",
        ),
        (
            "the dossier is not ready to be handed over: second-officer, strong-counters",
            "案卷尚未具备移送条件：尚未指定第二经办人、有强排除因素尚未回应",
        ),
        (
            "not a listing message: subject.price: Field required; body: Input should be a valid string; and 3 more",
            "不是商品消息：subject.price：缺少该字段；body：应为文本；另有 3 处",
        ),
        ("编号重复 / the number is taken", "编号重复"),
        ("either / or", "either / or"),
        ("what nobody has words for", "what nobody has words for"),
        ("{0} is no currency", "“{0}”不是货币代码"),
    ],
)
def test_errors_read_in_both_languages(english: str, chinese: str) -> None:
    assert in_language(english, "zh") == chinese
    kept = english.split(" / ")[1] if CHINESE.search(english) else english
    assert in_language(english, "en") == kept


def test_states_are_named_as_elsewhere() -> None:
    for state in LetterState:
        assert (
            in_language(f"the letter is {state}", "zh") == f"该消息处于“{catalogue()[f'letter_state.{state}']['zh']}”"
        )


def test_the_table_of_errors_is_whole() -> None:
    assert {name for name in TOLD if not hasattr(errors, name)} == set()


def _room(name: str) -> list[str]:
    source = resources.files("review_api.console").joinpath("data", "errors.toml").read_text("utf-8")
    return list(tomllib.loads(source)[name])
