"""The word lists are made from their sources alike every time."""

import json
from pathlib import Path

from detectors.trademark.derivation.lexicon import ALL, VARIETIES, chinese, english


def test_chinese_words_are_kept_with_their_counts_but_for_rare_long_and_other_ones() -> None:
    lines = ["晴川 12 ns", "罕词 9 n", "五个字的词 99 n", "T恤 50 n", "川 30 n", ""]
    assert list(chinese(lines)) == ["* 200", "川 30", "晴川 12"]


def test_english_words_are_kept_with_the_commonest_marked(tmp_path: Path) -> None:
    for number in ALL:
        for variety in VARIETIES:
            (tmp_path / f"{variety}-words-{number}.json").write_text("[]", "utf-8")
    (tmp_path / "english-words-10.json").write_text(json.dumps(["Stone", "of", "don't"]), "utf-8")
    (tmp_path / "english-words-50.json").write_text(json.dumps(["crag", "stone"]), "utf-8")
    (tmp_path / "british-words-35.json").write_text(json.dumps(["colour"]), "utf-8")
    assert list(english(tmp_path)) == ["colour 0", "crag 0", "stone 1"]
