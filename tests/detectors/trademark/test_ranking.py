"""Nearness by ranking: what must outrank what, whatever the weights are."""

import pytest

from detectors.trademark.oracle import sights

# mark, what must be nearer, what must be further (or not near at all)
MUST_OUTRANK = [
    # identical above everything
    ("云朵鹿", "云朵鹿", "云 朵 鹿"),
    ("云朵鹿", "云朵鹿", "雲朵鹿"),
    ("云朵鹿", "云朵鹿", "云朵麓"),
    ("KESTRELLO", "kestrello", "KESTRELL0"),
    ("KESTRELLO", "KESTRELLO", "K.E.S.T.R.E.L.L.O"),
    ("白鹭泉", "白鹭泉", "白露泉"),
    ("晴川", "晴川", "睛川"),
    # the mark in disguise above what is only near
    ("云朵鹿", "云*朵*鹿", "云朵小鹿"),
    ("云朵鹿", "雲朵鹿", "云朵路"),
    ("云朵鹿", "云★朵鹿", "云朵马"),
    ("KESTRELLO", "KESTRELL0", "KESTRELLA"),
    ("KESTRELLO", "KΕSTRELLO", "KESTRELO"),
    ("KESTRELLO", "K3STR3LLO", "KESTRELLOS"),
    ("KESTRELLO", "ＫＥＳＴＲＥＬＬＯ", "KESTRALLO"),
    ("KESTRELLO", "ᴋᴇꜱᴛʀᴇʟʟᴏ", "KISTRELLO"),
    ("MODERN", "MODEM", "MODEST"),
    ("WAVELO", "VVAVELO", "RAVELO"),
    ("九州泉", "玖州泉", "十州泉"),
    ("青工力", "青工カ", "青工刀"),
    # look-alikes above replacements that share nothing
    ("云师傅", "云帅傅", "云老傅"),
    ("云师傅", "云师博", "云师爷"),
    ("大白鹿", "太白鹿", "小白鹿"),
    ("晴川末", "晴川未", "晴川白"),
    ("银兔记", "银免记", "银马记"),
    ("雪泉", "雷泉", "清泉"),
    ("晴川", "睛川", "冰川"),
    ("白日梦", "白曰梦", "白天梦"),
    ("KESTRELLO", "KESTRELLD", "KESTRELLK"),
    # same sound above near sound, near sound above neither
    ("白鹭泉", "白露泉", "白绿泉"),
    ("云朵鹿", "云朵路", "云朵牛"),
    ("晴川牛", "晴川妞", "晴川羊"),
    ("中晴泉", "钟晴泉", "粽晴泉"),
    ("中晴泉", "粽晴泉", "大晴泉"),
    ("云朵鹿", "芸朵鹿", "风朵鹿"),
    ("云师傅", "云狮富", "云老板"),
    # one change above two
    ("云朵鹿泉", "云朵路泉", "云躲路泉"),
    ("云师傅", "云帅傅", "云帅博"),
    ("白鹭泉水", "白露泉水", "白露全水"),
    # a change weighs less in a longer name
    ("晴川白鹭泉", "晴川白马泉", "晴天白马泉"),
    ("晴川白鹭", "晴川白鹭堂", "晴川鹭"),
    # arrangement
    ("云朵鹿", "云朵小鹿", "云小朵大鹿"),
    ("云朵鹿", "鹿云朵", "鹿朵"),
    ("晴川白鹭", "白晴川鹭", "晴川黑鹅"),
    ("KESTRELLO", "KESTRELOL", "OLLERTSEK"),
    ("KESTRELLOHOME", "KESTRELLOHOMA", "KESTRALLOHOMA"),
    ("KESTRELLOHOME", "KASTRILLOHOME", "KASTRILLAHOME"),
    ("Hermélie", "Hermelie", "Hermalie"),
    ("Sasa Wave", "sasa,wave", "sa,sa,wave"),
    ("晴川", "晴*川", "晴,川"),
    ("DELI", "DELl", "dell"),
    # models are not names
    ("K300", "K300", "K301"),
    ("晴川", "晴小川", "川大晴"),
]


def nearness(text: str, mark: str) -> float:
    """The score of the best sight of the mark in the text; 0 when there is none."""
    return max((sight.likeness.score for sight in sights(text, [mark])), default=0.0)


@pytest.mark.parametrize(("mark", "nearer", "further"), MUST_OUTRANK)
def test_must_outrank(mark: str, nearer: str, further: str) -> None:
    assert nearness(nearer, mark) > nearness(further, mark)


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("KESTREL", "KEST"),
        ("晴川", "川"),
        ("晴川", "清泉"),
        ("OSI", "051"),
        ("晴川", "🙂🙂"),
        ("SAS", "505"),
        ("1-2-3", "1#2#3"),
        ("MACE", "mac口"),
    ],
)
def test_is_not_near_at_all(mark: str, text: str) -> None:
    assert nearness(text, mark) == 0
