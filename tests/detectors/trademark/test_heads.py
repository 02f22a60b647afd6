"""Heads: what is seen there and nowhere else, and that the search finds all that a loop over every name finds."""

import random
from functools import cache

import numpy as np
import pytest

from detectors.trademark import MarkIndex, TrademarkDetector
from detectors.trademark.faint import faintly
from detectors.trademark.fields import Text
from detectors.trademark.grown import grown
from detectors.trademark.heads import heard_with_one_more, is_head, seen_at_heads
from detectors.trademark.lexicon import is_everyday_word, stands_free
from detectors.trademark.meanings import same_meaning
from detectors.trademark.names import is_known_name
from detectors.trademark.readings import read
from detectors.trademark.search import Search
from detectors.trademark.tables import faint_likeness, of_one_kind, table
from detectors.trademark.transliterations import consonants, heard_across
from models.context import Context
from models.findings import Observation
from models.registry import Mark, Registry
from models.subjects import Listing, Seller
from tests.detectors.trademark.disguises import registry
from tests.detectors.trademark.test_segments import TODAY

MARKS = Registry(
    marks=(
        Mark(mark_id="M1", text="鸫溟", nice_classes=(30,)),
        Mark(mark_id="M2", text="雪溟", nice_classes=(32,)),
        Mark(mark_id="M3", text="KESTRELLO", nice_classes=(30,)),
        Mark(mark_id="M4", text="鸫白鹿", nice_classes=(29,)),
    )
)


def told(title: str, nice_class: int = 30, **said: str) -> dict[str, str]:
    """The tricks by which marks are seen on a page, by mark."""
    page = Listing(
        listing_id="1", platform="p", title=title, nice_class=nice_class, seller=Seller(name="路人店"), **said
    )
    context = Context(registry=MARKS, as_of=TODAY, snapshots={"marks": MarkIndex.build(MARKS)})
    (findings,) = TrademarkDetector().detect([Observation(page)], context)
    return {one.mark_id or "": str(one.params["trick"]) for one in findings if one.stance == "for"}


@cache
def a_faint_fellow(sign: str) -> str:
    """A character that is as faintly like this one as any that the table holds."""
    alike = faint_likeness().of(ord(sign))
    return chr(min(alike, key=lambda code: (alike[code], code)))


def test_at_the_head_faint_likeness_to_a_name_is_seen() -> None:
    assert told(f"鸫{a_faint_fellow('溟')} 饼干") == {"M1": "faint"}
    assert told(f"【新款】鸫{a_faint_fellow('溟')} 饼干") == {"M1": "faint"}
    assert told("星溟 汽水", 32) == {"M2": "kind"}
    assert told(f"饼干 {a_faint_fellow('鸫')}溟", 30, brand=f"鸫{a_faint_fellow('溟')}") == {"M1": "faint"}


@pytest.mark.parametrize(
    ("title", "nice_class"),
    [
        ("饼干 鸫{}", 30),  # no head
        ("鸫{} 轮胎", 12),  # goods of another class
        ("鸫{}KESTRELLO", 9),
        ("{}饼干", 30),
        ("{}{} 饼干", 30),  # nothing of the name is kept
        ("霜雪 汽水", 32),  # a word
        ("鸫{}", 31),
    ],
)
def test_elsewhere_it_is_chance(title: str, nice_class: int) -> None:
    assert "faint" not in told(title.replace("{}", a_faint_fellow("溟")), nice_class).values()
    assert "kind" not in told(title, nice_class).values()


def test_a_page_that_names_a_mark_plainly_has_another_head() -> None:
    assert set(told(f"鸫{a_faint_fellow('溟')} KESTRELLO 饼干")) == {"M3"}


def test_what_a_head_is() -> None:
    assert is_head("【正品】2026新款 晴川", 11)
    assert not is_head("台灯晴川", 2)


def test_a_name_of_more_characters_needs_only_one_faintly_changed() -> None:
    fellow = a_faint_fellow("鸫")
    short, long = faintly(f"{fellow}溟", "鸫溟"), faintly(f"{fellow}白鹿", "鸫白鹿")
    assert short is not None
    assert long is not None
    assert long.score > short.score
    assert faintly(f"{fellow}黑鹿", "鸫白鹿") is None


def test_a_word_heard_with_one_letter_more_is_near_where_a_title_opens() -> None:
    assert heard_with_one_more("BOSTRIA", "OSTRYA") is not None
    assert heard_with_one_more("OSTRIA", "OSTRYA") is None  # heard alike: the comparators tell it anywhere
    assert heard_with_one_more("BOSTRAL", "OSTRYA") is None
    assert heard_with_one_more("AB", "A") is None
    marks = Registry(marks=tuple(Mark(mark_id=text, text=text, nice_classes=(30,)) for text in ("OSTRYA", "QUILLOW")))
    index = MarkIndex.build(marks)
    titles = [
        "BOSTRIA 饼干",
        "【新款】BOSTRIA饼干",
        "饼干 BOSTRIA",
        "BOSTRIAN饼干",
        "KWILTOU饼干",
        "MODERN饼干",
        "BOSTRIA2 饼干",
    ]
    assert by_index(titles, index) == {(0, "OSTRYA"), (1, "OSTRYA"), (4, "QUILLOW"), (6, "OSTRYA")}


def test_a_character_said_twice_is_changed_twice() -> None:
    fellow = max(faint_likeness().of(ord("鸫")).items(), key=lambda pair: pair[1])[0]
    twice = faintly(f"{chr(fellow)}鹿{chr(fellow)}", "鸫鹿鸫")
    assert twice is not None
    assert twice == faintly(f"{chr(fellow)}鹿鸫", "鸫鹿鸫")
    assert faintly(f"{a_faint_fellow('鸫')}{a_faint_fellow('鸫')}", "鸫鸫") is None  # nothing of it is left
    marks = Registry(
        marks=tuple(Mark(mark_id=text, text=text, nice_classes=(30,)) for text in ("鸫鹿鸫", "鸫鸫鹿", "鹿鸫鹿"))
    )
    titles = [f"{chr(fellow)}鹿{chr(fellow)} 饼干", f"{chr(fellow)}鸫鹿 饼干", f"鸫{chr(fellow)}鹿 饼干"]
    wanted = {(0, "鸫鹿鸫"), (1, "鸫鸫鹿"), (2, "鸫鸫鹿")}
    assert by_index(titles, MarkIndex.build(marks)) == wanted


def by_index(texts: list[str], index: MarkIndex) -> set[tuple[int, str]]:
    fields = [(number, Text("title", text)) for number, text in enumerate(texts)]
    classes = np.full(len(texts), 1 << 30, dtype=np.uint64)
    return {(number, name) for number, _, _, _, name, _ in seen_at_heads(fields, classes, read(texts), index)}


NEAR = (faintly, same_meaning, grown, heard_across)


def heads(count: int, marks: int) -> tuple[Registry, list[str]]:
    """A registry and titles that open with its names: one character changed for a faint fellow or one of a kind, words
    put for others of their meaning, one character more, or a name of letters spelled by ear."""
    dice = random.Random(5)
    registered = tuple(mark.model_copy(update={"nice_classes": (30,)}) for mark in registry(dice, marks).marks)
    titles = [f"{altered(dice, dice.choice(registered).text)} 实惠装" for _ in range(count)]
    spoken = {text: by_ear(text) for text in ("KESTRELLO", "LUMINARO", "VOLTEMSKA", "BARNIMODO")}
    registered += tuple(Mark(mark_id=text, text=text, nice_classes=(30,)) for text in spoken)
    titles += [f"{said} 实惠装" for said in spoken.values() if said]
    registered += tuple(Mark(mark_id=text, text=text, nice_classes=(30,)) for text in MEANT)
    titles += [f"{said} 实惠装" for said in MEANT.values()]
    return Registry(marks=registered), titles


# Names and what means the same; all invented.
MEANT = {
    "蓝虎泉": "湛蓝猛虎泉水",
    "溟鹿园": "溟小鹿花园",
    "Silver Whale": "银鲸",
    "紫狐": "Purple Fox",
    "Golden Turtle River": "金色龟河",
    "雪帽熊": "白雪帽子熊",
}


def altered(dice: random.Random, text: str) -> str:
    letters = list(text)
    if len(letters) == 2 and dice.random() < 0.4:
        return text + dice.choice("洛弥赫姆珂")
    place = dice.randrange(len(letters))
    alike, of_a_kind = map(chr, faint_likeness().of(ord(letters[place]))), of_one_kind().get(letters[place], ())
    fellows = sorted(of_a_kind if of_a_kind and dice.random() < 0.5 else alike)
    letters[place] = dice.choice(fellows) if fellows else letters[place]
    return "".join(letters)


def by_ear(text: str) -> str:
    """Characters that are heard like a name of letters, one consonant each."""
    signs = {"K": "珂", "S": "瑟", "T": "忒", "L": "洛", "M": "弥", "N": "娜", "F": "弗", "P": "珀"}
    return "".join(signs[one] for one in consonants(text))


def stands_as_a_name(title: str, size: int) -> bool:
    head = title[:size]
    if is_known_name(head):
        return False
    return head.isascii() or (stands_free(title, 0, size) and not is_everyday_word(head))


def test_the_search_finds_all_that_a_loop_over_every_name_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    registered, titles = heads(200, 1200)
    index = MarkIndex.build(registered)
    wanted = {
        (number, mark.text): likeness.trick
        for number, title in enumerate(titles)
        for size in ((2, 3, 4, 5, 6) if not title[0].isascii() else (title.index(" 实"),))
        if stands_as_a_name(title, size)
        for mark in registered.marks
        for near in NEAR
        if (likeness := near(title[:size], mark.text)) is not None
    }
    assert {"faint", "kind", "meaning", "grown", "letters"} <= set(wanted.values())
    assert len(wanted) > 80
    assert by_index(titles, index) == set(wanted)
    asked = Search.keys
    monkeypatch.setattr(Search, "keys", lambda search, window, keys: asked(search, window[::2], keys[::2]))
    assert by_index(titles, index) != set(wanted), "a search that leaves out questions must be caught"


def test_a_name_in_other_words_is_near_where_a_title_opens() -> None:
    assert same_meaning("赤牛", "红牛") is not None
    assert same_meaning("Golden Whale", "金鲸") is not None
    assert same_meaning("金鲸", "Golden Whale") is not None
    assert same_meaning("金鲸", "金鲸") is None
    assert same_meaning("金鲸鱼王", "金鲸") is None  # one meaning more
    assert same_meaning("溟泉水", "溟泉") is None  # the name stands in it
    assert same_meaning("Whale", "鲸") is None  # one meaning is a word, and anybody's
    assert same_meaning("雄狮", "狮子") is not None  # but for names of one meaning in several characters


def test_a_word_has_one_meaning() -> None:
    for language in ("zh", "en"):
        words = [
            word for kind in table("meanings").values() for said in kind.values() for word in said[language].split()
        ]
        assert len(words) == len(set(words))


def test_a_short_name_with_one_character_more_is_near_unless_that_says_what_it_is() -> None:
    assert grown("溟川弥", "溟川") is not None
    assert grown("金溟川", "溟川") is not None
    assert grown("溟川茶", "溟川") is None
    assert grown("大溟川", "溟川") is None
    assert grown("溟川白鹿", "溟川白") is None  # longer names are near wherever they stand
    assert told("鸫溟弥 饼干") == {"M1": "grown"}
    assert told("鸫溟的饼干") == {"M1": ""}


def test_what_spells_a_name_by_ear_holds_no_word() -> None:
    assert heard_across("珂瑟忒洛洛", "KESTRELLO") is not None
    assert consonants("LARA") == ""  # too little
    assert heard_across("打底彩妆", "TATISOM") is None
    assert heard_across("KSTLL", "KESTRELLO") is None
