"""Rules as data: what is shipped says what it rests on, what a user adds is checked and laid over it."""

import pytest

from detectors.wording.rules import read_rules, shipped_rules, with_own
from models.errors import ConfigurationError

OWN = """
[[rules]]
id = "own-word"
fact = "counterfeit-wording"
score = 0.8
words = ["蓝标版"]
basis = "商标法第五十七条"
source = "本单位案例"
example = "蓝标版 女包"
"""


def test_every_shipped_rule_names_its_basis_source_and_example() -> None:
    rules = shipped_rules().rules
    assert len({rule.id for rule in rules}) == len(rules) > 15
    assert all(rule.basis and rule.source and rule.example for rule in rules)


def test_own_rules_are_added_and_may_replace() -> None:
    added = with_own({"own.toml": OWN})
    assert {rule.id for rule in added.rules} == {rule.id for rule in shipped_rules().rules} | {"own-word"}
    assert added.version != shipped_rules().version
    replaced = with_own({"own.toml": OWN.replace("own-word", "cf-imitation")})
    assert len(replaced.rules) == len(shipped_rules().rules)
    assert next(rule for rule in replaced.rules if rule.id == "cf-imitation").words == ("蓝标版",)
    assert replaced.denial == shipped_rules().denial


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("score = 0.8", "score = 1.8"), "score"),
        (('words = ["蓝标版"]', 'words = ["蓝标版"]\npattern = "x"'), "either words or a pattern"),
        (('words = ["蓝标版"]', ""), "either words or a pattern"),
        (('words = ["蓝标版"]', "pattern = '('"), "regular expression"),
        (('words = ["蓝标版"]', "pattern = 'x*'"), "matches nothing"),
        (("counterfeit-wording", "counterfeit"), "fact"),
        (('basis = "商标法第五十七条"', ""), "basis"),
        (("[[rules]]", "[[rule]]"), "rule"),
        (("id =", "id"), "TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(change: tuple[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        with_own({"own.toml": OWN.replace(*change)})
    assert "own.toml" in str(caught.value.where)


def test_two_rules_of_one_name_in_one_set_of_files_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="own-word"):
        read_rules({"a.toml": OWN, "b.toml": OWN})
