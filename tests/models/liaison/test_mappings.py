"""Column mappings: shipped ones load, an own one takes a shipped one's place, and a wrong one says what is wrong."""

from pathlib import Path

import pytest

from models.errors import ConfigurationError, InputError
from models.liaison import RowState, mapping_of, mappings, read_mapping, usual_mapping
from models.liaison.mappings import shipped

GENERAL = (Path(__file__).parents[3] / "models" / "liaison" / "data" / "mappings" / "general.toml").read_text("utf-8")


def test_shipped_mappings_put_batch_item_and_address_on_every_row() -> None:
    assert len(shipped()) >= 4
    for mapping in shipped().values():
        assert {"batch_id", "item_id", "url"} <= {column.field for column in mapping.columns}
        assert mapping.state(mapping.word(RowState.REMOVED)) is RowState.REMOVED
        for reason in mapping.reasons:
            assert mapping.reason(reason.code) == reason


def test_an_own_mapping_takes_a_shipped_one_s_place(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GENERAL.replace("通用（中文表头）", "本地表头"), "utf-8")
    assert mappings(str(tmp_path))["general"].zh == "本地表头"
    assert mappings()["general"].zh == "通用（中文表头）"
    other = GENERAL.replace('code = "general"', 'code = "tmall-like"\nplatforms = ["某平台"]', 1)
    (tmp_path / "other.toml").write_text(other, "utf-8")
    assert usual_mapping("某平台", str(tmp_path)) == "tmall-like"
    assert usual_mapping("某平台") == "general"
    with pytest.raises(InputError, match="no column mapping"):
        mapping_of("tmall-like")


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ('field = "url"', 'field = "address"', "no field 'address'"),
        ('{ field = "url", heading = "商品链接", width = 44 },', "", "every row carries"),
        ('heading = "商品链接"', 'heading = "商品ID"', "stands twice"),
        ('at = ["处理时间", "时间", "at"]', "", "answer_headings names"),
        ('reason = ["原因", "处理原因", "reason"]', 'reason = ["理由"]', "both sent and answered"),
        ('removed = ["已采取措施"', 'removed = ["已签收"', "stands twice"),
        ("[answer_words]", "[answer_words", "no TOML"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    assert wrong in GENERAL
    with pytest.raises(ConfigurationError, match=told):
        read_mapping(GENERAL.replace(wrong, right), where="mine.toml")


def test_a_file_that_is_no_text_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"mine\.toml"):
        mappings(str(tmp_path))
