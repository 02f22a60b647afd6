"""Public records and own wording rules through the commands: from files to findings."""

import json

from tests.jianzhen.command_line import MARKS, Inside, listing

CODE = "91350100M000100Y43"
OPERATORS = f"uscc,name,permits,status\n{CODE},晴川日化有限公司,,存续\n"
PENALTIES = (
    "uscc,decided_on,authority,case_no,ground,amount,mark_text\n"
    f"{CODE},2026-01-05,某市市场监督管理局,市监罚〔2026〕1号,销售侵犯注册商标专用权的商品,20000,晴川\n"
)
NUMBERS = (
    "kind,number,holder,product,valid_to\npatent,ZL201710601862.3,晴川日化有限公司,护手霜,2020-01-01\nbus,123,,,\n"
)
OWN = """
[[rules]]
id = "own-word"
fact = "counterfeit-wording"
score = 1.0
words = ["蓝标版"]
basis = "商标法第五十七条"
source = "本单位案例"
example = "蓝标版 女包"
"""
FILES = ("--operators", "operators.csv", "--penalties", "penalties.csv", "--numbers", "numbers.csv")


def written(jianzhen: Inside) -> Inside:
    for name, text in (("marks", MARKS), ("operators", OPERATORS), ("penalties", PENALTIES), ("numbers", NUMBERS)):
        (jianzhen.folder / f"{name}.csv").write_text(text, "utf-8")
    rows = [
        listing("L1", "护手霜 ZL201710601862.3 蓝标版", seller={"id": "s1", "name": "某店", "uscc": CODE}),
        listing("L2", "纯棉毛巾三条装"),
    ]
    (jianzhen.folder / "listings.jsonl").write_text("".join(rows), "utf-8")
    return jianzhen


def facts(jianzhen: Inside, *more: str) -> list[list[str]]:
    given = ("scan", "--marks", "marks.csv", "--listings", "listings.jsonl", "--out", "leads.jsonl", *more)
    ran = jianzhen(*given, "--as-of", "2026-03-01T00:00:00+08:00")
    assert ran.code == 0, ran.said
    lines = (jianzhen.folder / "leads.jsonl").read_text("utf-8").splitlines()
    return [[finding["fact"] for finding in json.loads(line)["findings"]] for line in lines]


def test_scan_takes_public_records_where_they_are_given(jianzhen: Inside) -> None:
    written(jianzhen)
    assert facts(jianzhen) == [[], []]
    assert facts(jianzhen, *FILES) == [["number-expired", "operator-confirmed", "earlier-penalty"], []]


def test_own_wording_rules_are_added_by_a_setting(jianzhen: Inside) -> None:
    written(jianzhen)
    (jianzhen.folder / "own.toml").write_text(OWN, "utf-8")
    (jianzhen.folder / "jianzhen.toml").write_text('[wording]\nrules = "own.toml"\n', "utf-8")
    assert facts(jianzhen) == [["counterfeit-wording"], []]
    (jianzhen.folder / "own.toml").write_text(OWN.replace("1.0", "7.0"), "utf-8")
    ran = jianzhen("scan", "--marks", "marks.csv", "--listings", "listings.jsonl", "--out", "leads.jsonl")
    assert ran.code != 0
    assert "own.toml" in ran.said
    assert "score" in ran.said


def test_records_are_imported_without_marks_and_stay_until_their_file_comes_again(jianzhen: Inside) -> None:
    written(jianzhen)
    assert jianzhen("prepare").code == 0
    ran = jianzhen("registry", "import", *FILES)
    assert ran.code == 0, ran.said
    assert "bus" in ran.said
    (jianzhen.folder / "operators.csv").write_text(OPERATORS + "9135,坏行,,\n", "utf-8")
    ran = jianzhen("registry", "import", "--operators", "operators.csv")
    assert ran.code == 0, ran.said
    assert [line.split()[-2] for line in ran.out.splitlines() if "penalties" in line] == ["1"]


def test_an_import_without_any_file_says_what_it_wants(jianzhen: Inside) -> None:
    assert "name at least one file" in jianzhen("registry", "import").said
