"""The tables: every fact that can be explained has a weight, and faulty tables stop the start with their place."""

import tomllib
from importlib import resources

import pytest

from detectors.triage import rules, rules_version
from detectors.triage.reading import overridden, read_rules
from models.errors import ConfigurationError

DETECTORS = ("behaviour", "parcels", "pictures", "price", "trademark", "wording")


def explained() -> dict[str, str]:
    """Every fact code of a detector, by the file that explains it."""
    folder = resources.files("models").joinpath("data", "explanations")
    return {
        fact: name
        for name in DETECTORS
        if folder.joinpath(f"{name}.toml").is_file()
        for fact in tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))
    }


def shipped() -> dict[str, str]:
    folder = resources.files("detectors.triage").joinpath("data")
    return {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}


def test_every_explained_fact_has_a_weight_and_every_weight_an_explanation() -> None:
    assert set(rules().facts) == set(explained())


def test_the_version_follows_the_tables_and_nothing_else() -> None:
    texts = shipped()
    assert read_rules(texts).version == rules_version() == rules().version
    reworded = {name: "# another comment\n" + text for name, text in texts.items()}
    assert read_rules(reworded).version == rules_version()
    heavier = {**texts, "price.toml": texts["price.toml"].replace("weight = 12.0", "weight = 12.5", 1)}
    assert read_rules(heavier).version != rules_version()


FACT = '[some-fact]\nweight = 1.0\nstance = "for"\ngroup = "g"\n'


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("extra.toml", FACT.replace("some-fact", "similar-shape"), "'similar-shape' is weighed twice"),
        ("extra.toml", FACT.replace("1.0", "-1.0"), "contradicts the stance"),
        ("extra.toml", FACT.replace('"for"', '"against"'), "contradicts the stance"),
        ("extra.toml", FACT + 'beside = ["nowhere"]\n', "names 'nowhere', which is neither"),
        ("extra.toml", FACT + 'unless = ["nowhere"]\n', "names 'nowhere', which is neither"),
        ("extra.toml", FACT + 'unless = ["g"]\n', "'some-fact' would yield to itself"),
        ("extra.toml", FACT + 'unless = ["some-fact"]\n', "'some-fact' would yield to itself"),
        ("extra.toml", FACT + "heavy = true\n", "extra.toml"),
        ("extra.toml", "[some-fact\n", "extra.toml: not TOML"),
        ("policy.toml", "[operating_point]\nlisting = 0\n", "policy.toml"),
    ],
)
def test_a_faulty_table_is_named(name: str, text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint.replace("[", r"\[")):
        read_rules({**shipped(), name: text})


def test_a_missing_policy_is_named() -> None:
    texts = shipped()
    del texts["policy.toml"]
    with pytest.raises(ConfigurationError, match=r"policy\.toml"):
        read_rules(texts)


def test_a_relation_without_a_factor_for_some_fame_is_named() -> None:
    texts = shipped()
    texts["policy.toml"] = texts["policy.toml"].replace("same = { ordinary = 1.0, ", "same = { ")
    with pytest.raises(ConfigurationError, match=r"relation\.same"):
        read_rules(texts)


def test_a_counterfact_must_speak_against() -> None:
    texts = shipped()
    texts["policy.toml"] = texts["policy.toml"].replace('fact = "second-hand"', 'fact = "similar-shape"')
    with pytest.raises(ConfigurationError, match="if-second-hand"):
        read_rules(texts)


def test_a_kind_without_an_operating_point_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'seller'"):
        rules().operating_point("seller")


def test_a_users_file_changes_what_it_names_and_the_version() -> None:
    changed = read_rules(shipped(), {"own.toml": "[price-below]\nweight = 9.5\n\n[operating_point]\nlisting = 12\n"})
    assert changed.facts["price-below"].weight == 9.5
    assert changed.facts["price-below"].group == rules().facts["price-below"].group
    assert changed.facts["price-far-below"] == rules().facts["price-far-below"]
    assert (changed.operating_point("listing"), changed.operating_point("parcel")) == (12, 10)
    assert changed.version != rules_version()
    assert read_rules(shipped(), {"own.toml": "# nothing\n"}).version == rules_version() == overridden({}).version


def test_later_names_win_over_earlier_ones() -> None:
    heavy, light = "[price-below]\nweight = 20\n", "[price-below]\nweight = 1\n"
    assert overridden({"a.toml": heavy, "b.toml": light}).facts["price-below"].weight == 1
    assert overridden({"b.toml": heavy, "a.toml": light}).facts["price-below"].weight == 20


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[no-such-fact]\nweight = 1\n", "no shipped fact is called 'no-such-fact'"),
        ('[price-below]\nstance = "against"\n', "may not change 'stance'"),
        ("[price-below]\nweight = -1\n", "contradicts the stance"),
        ('[price-below]\nunless = ["nowhere"]\n', "names 'nowhere'"),
        ("price-below = 3\n", "a fact is a table"),
        ("[operating_point]\nlisting = -1\n", "policy.toml"),
        ("[price-below\n", "own.toml: not TOML"),
    ],
)
def test_a_faulty_override_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        overridden({"own.toml": text})
