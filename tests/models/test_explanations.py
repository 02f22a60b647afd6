"""Explanations: every fact code is told in both languages, and every sentence can be filled."""

import re
from importlib import resources
from string import Formatter

import pytest

from models.errors import ConfigurationError
from models.explanations import LANGUAGES, Language, catalogue, explain, fact_title, field_name
from models.findings import Evidence, Stance, signed
from models.subjects import Listing

LISTING = Listing(listing_id="item-1", platform="taobao", title="睛川护手霜")
GIVEN = {"subject_value", "reference_value", "mark", "field", "percent"}
FACTS = sorted(catalogue())
HAN = re.compile(r"[\u4e00-\u9fff]")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_told_in_both_languages(fact: str) -> None:
    words = catalogue()[fact]
    for spoken in (words.title, words.sentence):
        assert HAN.search(spoken["zh"])
        assert not HAN.search(spoken["en"])
        assert all(spoken[language] == spoken[language].strip() for language in LANGUAGES)
        assert not spoken["en"][0].islower()
    assert words.title["zh"] == fact_title(fact, "zh")


@pytest.mark.parametrize("fact", FACTS)
def test_both_languages_use_plain_names_only_and_can_be_filled(fact: str) -> None:
    sentences = catalogue()[fact].sentence
    names = placeholders(sentences["zh"]) | placeholders(sentences["en"])
    assert all(name.isidentifier() for name in names), names
    evidence = Evidence(
        fact=fact,
        stance=Stance.FOR,
        score=0.5,
        field="title",
        params=tuple((name, 7) for name in sorted(names - GIVEN)),
    )
    finding = signed(evidence, LISTING, detector="trademark", version="1")
    for language in LANGUAGES:
        told = explain(finding, language, mark="晴川")
        assert told
        assert "{" not in told


@pytest.mark.parametrize("fact", FACTS)
def test_no_sentence_accuses(fact: str) -> None:
    """A machine result is 疑似信息. Words that only a court or an officer may say are not the machine's."""
    told = " ".join([*catalogue()[fact].sentence.values(), *catalogue()[fact].title.values()])
    assert not re.search(
        r"(?<!疑似)(?<!不)(构成侵权|是假货|系假货|为假货|确属侵权)|is (a )?(counterfeit|fake)\b|infringes", told
    )


def test_a_fact_that_nobody_explained_is_a_fault_of_the_configuration() -> None:
    evidence = Evidence(fact="no-such-fact", stance=Stance.FOR, score=0.5, field="title")
    with pytest.raises(ConfigurationError, match="no-such-fact"):
        explain(signed(evidence, LISTING, detector="trademark", version="1"), "zh")


def test_a_sentence_says_what_was_found() -> None:
    fact = "official-picture-nearness"
    evidence = Evidence(
        fact=fact,
        stance=Stance.FOR,
        score=0.876,
        field="images",
        reference_value="官方图.png",
        params=(("hash", "pdq-256"), ("distance", 31)),
    )
    told = explain(signed(evidence, LISTING, detector="pictures", version="1"), "zh")
    assert all(word in told for word in ("官方图.png", "88%", "pdq-256", "31"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_have_names_and_unknown_ones_stand_for_themselves(language: Language) -> None:
    assert field_name("title", language) == {"zh": "标题", "en": "title"}[language]
    assert field_name("尺码", language) == "尺码"
    assert fact_title("no-such-fact", language) == "no-such-fact"


def test_every_file_of_the_catalogue_is_read() -> None:
    folder = resources.files("models").joinpath("data", "explanations")
    assert [entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")]
    assert FACTS
