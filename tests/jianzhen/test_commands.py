"""The commands, each as a process of its own, on small fictional files: the thread from a file to a case lead."""

import csv
import io
import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from jianzhen.cli import EXIT_CODES
from jianzhen.commands.case_lead import Format
from jianzhen.demo.pictures import copy_goods, draw_goods
from jianzhen.engine import Engine
from jianzhen.settings import embedded_settings
from models.case_leads import ExportKind
from models.moments import SHANGHAI, now
from models.ports import LeadQuery
from review_api.exports import verify_json
from tests.jianzhen.command_line import MARKS, Inside, environment, listing, run

OFFICIAL = draw_goods("test", "饮用水", "")
GOODS = """goods_id,mark_id,name,specification,reference_price,currency,images
G1,M1,白鹭泉,500ml*24,48,CNY,pictures/G1.png
"""
AUTHORISED = "mark_id,platform,seller_name\nM1,集市,白鹭泉旗舰店\n"
LISTINGS = [
    listing("L1", "自鹭泉天然矿泉水500ml*24瓶", images=["shop/1.jpg"], seller={"name": "折扣仓"}),
    listing("L2", "纯棉毛巾三条装"),
    listing("L3", "白鹭泉天然矿泉水500ml*24瓶", price=47, seller={"name": "白鹭泉旗舰店"}),
    listing("L4", "日本直邮 КESTRELLO 跑鞋", price=200, ships_from="日本 东京"),
]


def write_files(folder: Path) -> Path:
    """Registry, listings and pictures as a rights holder and a platform would hand them in."""
    (folder / "pictures").mkdir(parents=True)
    (folder / "shop").mkdir()
    (folder / "pictures" / "G1.png").write_bytes(OFFICIAL)
    (folder / "shop" / "1.jpg").write_bytes(copy_goods(OFFICIAL, banner=False))
    for name, content in (("marks", MARKS), ("goods", GOODS), ("authorised", AUTHORISED)):
        (folder / f"{name}.csv").write_text(content, "utf-8")
    (folder / "listings.jsonl").write_text("".join(LISTINGS), "utf-8")
    return folder


REGISTRY = ("--marks", "marks.csv", "--goods", "goods.csv", "--authorised", "authorised.csv")
SCAN = ("scan", *REGISTRY, "--listings", "listings.jsonl", "--as-of", "2026-11-01T00:00:00+08:00")


def in_folder(name: str, arguments: tuple[str, ...]) -> list[str]:
    """The same arguments with their files in a folder below."""
    return [f"{name}/{word}" if word.endswith((".csv", ".jsonl")) else word for word in arguments]


def test_scan_writes_a_line_a_listing_in_order_and_the_same_bytes_anywhere(jianzhen: Inside) -> None:
    here = write_files(jianzhen.folder / "here")
    write_files(jianzhen.folder / "deeper" / "there")
    assert run(here, *SCAN, "--out", "out/leads.jsonl").code == 0
    assert jianzhen(*in_folder("deeper/there", SCAN), "--out", "leads.jsonl").code == 0
    written = (here / "out" / "leads.jsonl").read_bytes()
    assert written == (jianzhen.folder / "leads.jsonl").read_bytes()
    leads = jianzhen.lines("leads.jsonl")
    assert [lead["listing_id"] for lead in leads] == ["L1", "L2", "L3", "L4"]
    assert [lead["flagged"] for lead in leads] == [True, False, False, True]
    assert {"similar-shape", "copied-official-picture"} <= {finding["fact"] for finding in leads[0]["findings"]}
    told = [finding["explanation"] for lead in leads for finding in lead["findings"]]
    assert all(explanation["zh"] and explanation["en"] for explanation in told)


def test_eval_measures_what_scan_found(jianzhen: Inside) -> None:
    write_files(jianzhen.folder / "d")
    labels = [
        {"listing_id": "L1", "expect": "lead", "mark_id": "M1", "trick": "shape"},
        {"listing_id": "L2", "expect": "none", "group": "ordinary"},
        {"listing_id": "L3", "expect": "none", "group": "authorised"},
        {"listing_id": "L4", "expect": "lead", "mark_id": "M2", "trick": "homoglyph", "disputed": True},
    ]
    jianzhen.write("labels.jsonl", "".join(json.dumps(label) + "\n" for label in labels))
    scanned = jianzhen(*in_folder("d", SCAN), "--out", "leads.jsonl")
    assert scanned.code == 0, scanned.err
    ended = jianzhen("eval", "--leads", "leads.jsonl", "--labels", "labels.jsonl", "--out", "figures.json")
    assert ended.code == 0
    figures = json.loads((jianzhen.folder / "figures.json").read_text("utf-8"))
    assert (figures["overall"]["recall"], figures["overall"]["false_positive_rate"]) == (1.0, 0.0)
    assert figures["groups"]["trick"]["shape"]["found"] == 1
    assert figures["disputed"]["rows"] == 1
    assert "1.000" in ended.out


def test_lookup_ranks_texts_and_pictures_without_a_threshold(jianzhen: Inside) -> None:
    write_files(jianzhen.folder / "d")
    jianzhen.write("texts.txt", "自鹭泉\n\n毫不相干的文字\n")
    jianzhen.write("pictures.txt", f"d/shop/1.jpg\n{jianzhen.folder / 'd' / 'pictures' / 'G1.png'}\ngone.png\n")
    files = ("--marks", "d/marks.csv", "--goods", "d/goods.csv")
    assert jianzhen("lookup", *files, "--texts", "texts.txt", "--top", "2", "--out", "t.jsonl").code == 0
    near, far = jianzhen.lines("t.jsonl")
    assert (near["query"], near["hits"][0]["mark_id"], len(near["hits"])) == ("自鹭泉", "M1", 2)
    assert near["hits"][0]["score"] > far["hits"][0]["score"]
    assert near["hits"][0]["explanation"]["zh"].startswith("所查文字中的“自鹭泉”")
    pictured = jianzhen("lookup", *files, "--pictures", "pictures.txt", "--out", "p.jsonl")
    assert pictured.code == 0
    copy, same, gone = jianzhen.lines("p.jsonl")
    assert [(hit["mark_id"], hit["goods_id"]) for hit in copy["hits"]] == [("M1", "G1")]
    assert same["hits"][0]["score"] == 1
    assert (gone["hits"], "pictures.txt:3" in pictured.err) == ([], True)


WAYBILLS = [
    {
        "运单号": "W1",
        "快递公司": "示例速递",
        "收寄时间": "2026-11-20 09:00",
        "寄件人": "钱晓鹿",
        "寄件人电话": "19912345678",
        "寄件地址": "广东省汕头市龙湖区示例街8号",
        "收件人": "周一一",
        "收件人电话": "19987654321",
        "收件地址": "上海市浦东新区样例路3号",
        "品名": "鞋 周一一收 19987654321",
        "商品编号": "L4",
        "收寄验视": "未验视",
        "实名收寄": "未实名",
        "轨迹": '[{"time": "2026-11-20T09:00:00+08:00", "place": "汕头营业部 钱晓鹿"}]',
    },
    {"运单号": "W2", "快递公司": "示例速递", "收寄时间": "钱晓鹿 19912345678", "寄件人": "钱晓鹿"},
    {"运单号": "", "快递公司": "示例速递", "寄件人": "钱晓鹿", "寄件人电话": "19912345678"},
]
CANARIES = ("钱晓鹿", "周一一", "19912345678", "19987654321", "示例街", "样例路", "W1")


def test_tokenise_hands_over_nothing_personal(tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(WAYBILLS[0]), restval="")
    writer.writeheader()
    writer.writerows(WAYBILLS)
    (tmp_path / "waybills.csv").write_bytes(text.getvalue().encode("gbk"))
    private = ("--keys", "private/keys.json", "--way-back", "private/back.jsonl")
    ended = run(tmp_path, "tokenise", "waybills.csv", *private, "--out", "over/parcels.jsonl")
    assert ended.code == 0
    handed = {path.name: path.read_text("utf-8") for path in (tmp_path / "over").iterdir()}
    assert set(handed) == {"parcels.jsonl", "parcels.rejects.jsonl"}
    said = ended.said + "".join(handed.values())
    assert not [canary for canary in CANARIES if canary in said]
    (record,) = map(json.loads, handed["parcels.jsonl"].splitlines())
    assert (record["origin"], record["destination"]) == ("广东省汕头市龙湖区", "上海市")
    assert [json.loads(line)["line"] for line in handed["parcels.rejects.jsonl"].splitlines()] == [0, 3, 4]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "private").iterdir()}
    assert modes == {0o600}
    assert json.loads((tmp_path / "private" / "back.jsonl").read_text())["waybill"] == "W1"
    again = run(tmp_path, "tokenise", "waybills.csv", *private, "--out", "over/parcels.jsonl")
    assert (again.code, (tmp_path / "over" / "parcels.jsonl").read_text("utf-8")) == (0, handed["parcels.jsonl"])


@pytest.mark.parametrize("private", [("over/k.json", "p/b.jsonl"), ("p/k.json", "over/b.jsonl"), ("p/x", "p/x")])
def test_tokenise_keeps_private_files_apart(jianzhen: Inside, private: tuple[str, str]) -> None:
    jianzhen.write("w.csv", "运单号\nW1\n")
    ended = jianzhen("tokenise", "w.csv", "--keys", private[0], "--way-back", private[1], "--out", "over/parcels.jsonl")
    assert ended.code == 2
    assert not (jianzhen.folder / "over").exists()


def test_the_thread_from_files_to_a_case_lead(jianzhen: Inside) -> None:
    """Every step by its own command, the workers as processes of their own; the case lead's files verify."""
    folder = write_files(jianzhen.folder / "d")
    parcel = {
        "parcel_token": "f" * 64,
        "carrier": "示例速递",
        "accepted_at": "2026-11-20T09:00:00+08:00",
        "origin": "广东省汕头市",
        "listing_id": "L4",
        "inspected_at_acceptance": False,
        "events": [{"time": "2026-11-20T09:00:00+08:00", "place": "广东省汕头市", "code": "accepted"}],
    }
    (folder / "parcels.jsonl").write_text(json.dumps(parcel) + "\n{\n", "utf-8")
    for step in (
        ("prepare",),
        ("prepare",),
        ("registry", "import", *in_folder("d", REGISTRY)),
        ("ingest", "listings", "d/listings.jsonl"),
        ("worker", "--until-idle", "--pictures-from", "d"),
        ("ingest", "parcels", "d/parcels.jsonl"),
        ("worker", "--until-idle"),
    ):
        ended = run(jianzhen.folder, *step) if step[0] == "worker" else jianzhen(*step)
        assert ended.code == 0, ended.err
    number = accept_one(jianzhen.folder / ".jianzhen")
    unchecked = jianzhen("case-lead", "export", number, "--format", "json", "--out", "early.json")
    assert (unchecked.code, "未经核验" in unchecked.err, (jianzhen.folder / "early.json").exists()) == (2, True, False)
    marks = [line.split(",")[0] for line in (jianzhen.folder / "d" / "marks.csv").read_text("utf-8").splitlines()[1:]]
    assert jianzhen("registry", "check", "NO-SUCH", "--source", "注册证").code == 2
    assert jianzhen("registry", "check", *marks, "--source", "注册证").code == 0
    for kind in ("json", "xlsx"):
        ended = jianzhen("case-lead", "export", number, "--format", kind, "--out", f"case.{kind}")
        assert (ended.code, ended.out.strip()) == (0, f"case.{kind}")
    assert verify_json((jianzhen.folder / "case.json").read_bytes())
    assert openpyxl.load_workbook(jianzhen.folder / "case.xlsx").sheetnames
    assert number in jianzhen("case-lead", "list").out
    assert jianzhen("case-lead", "export", "1999-00001").code == 2


def test_the_command_knows_every_kind_of_export() -> None:
    assert {each.value for each in Format} == {each.value for each in ExportKind}


def accept_one(data_dir: Path) -> str:
    """What an officer does in the console: look at the queue, accept a lead. Returns the case lead's number."""
    with Engine(embedded_settings(data_dir)) as engine:
        page = engine.store.leads.find("local", LeadQuery(limit=10))
        found = {(lead.kind, lead.native_id) for lead in page.leads}
        assert found == {("listing", "L1"), ("listing", "L4"), ("parcel", "f" * 64)}
        assert sum(engine.store.screenings.outcomes("local").values()) == 5
        lead = engine.store.leads.get("local", next(lead.lead_id for lead in page.leads if lead.native_id == "L1"))
        case = engine.store.case_leads.register("local", {lead.lead_id: lead.revision}, by="officer", at=now())
    return case.case_number


def test_an_account_is_added_once_and_its_password_shown_once(jianzhen: Inside) -> None:
    assert jianzhen("prepare").code == 0
    first = jianzhen("user", "add", "officer")
    assert (first.code, len(first.out.split())) == (0, 1)
    assert jianzhen("user", "add", "officer").code == 2


def test_a_server_that_is_away_is_exit_code_4(jianzhen: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZHEN_STORE__URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert jianzhen("api", "--port", "0").code == 4
    ended = jianzhen("prepare", "--wait", "1")
    assert (ended.code, "waiting" in ended.err) == (4, True)


def test_help_loads_no_engine() -> None:
    heavy = {"pypinyin", "sqlalchemy", "fastapi", "scrapy", "openpyxl", "numpy"}
    script = f"import sys; from jianzhen.cli import build; build(); print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("command", "number", "code"), [("worker", signal.SIGINT, 130), ("up", signal.SIGTERM, 0)])
def test_services_end_cleanly_on_signals(tmp_path: Path, command: str, number: int, code: int) -> None:
    port = ("--port", "0") if command == "up" else ()
    with Engine(embedded_settings(tmp_path / ".jianzhen")) as engine:
        engine.migrate()
    process = subprocess.Popen(
        [sys.executable, "-m", "jianzhen", command, *port],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    said = ""
    while "working" not in said and "http://127.0.0.1" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    time.sleep(0.3)
    process.send_signal(number)
    out, more = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in more) == (code, False), said + more
    assert command == "worker" or "password" in out


def test_the_demo_plays_to_its_end(tmp_path: Path) -> None:
    year = f"{now().astimezone(SHANGHAI).year}"
    ended = run(tmp_path, "demo", "--once", "--port", "0")
    assert ended.code == 0, ended.err
    assert "自鹭泉" in ended.out
    assert "街角杂货铺" not in ended.out  # an honest shop: accessories, books, spare parts
    exported = {path.name for path in (tmp_path / ".jianzhen" / "demo" / "case-leads").iterdir()}
    assert exported >= {
        f"case-lead-{year}-00001.json",
        f"case-lead-{year}-00001.xlsx",
        f"annex-{year}-00001.csv",
        f"registration-{year}-00001.docx",
        f"transfer-{year}-00001.docx",
        f"registration-{year}-00002.docx",
        f"transfer-{year}-00003.docx",
    }
    assert "to be told of the withdrawal: 小集市平台" in ended.out
    for forbidden in ("侵权", "假货"):
        assert forbidden not in ended.out
    letters = {path.suffix for path in (tmp_path / ".jianzhen" / "demo" / "liaison").iterdir()}
    assert letters >= {".docx", ".xlsx"}
    assert "商家声明" in ended.out
    handed = (tmp_path / ".jianzhen" / "demo" / "handed-over" / "parcels.jsonl").read_text("utf-8")
    assert "孙折扣" not in handed
    assert "1990000" not in handed


def test_help_needs_nothing_and_names_every_exit_code(tmp_path: Path) -> None:
    shown = run(tmp_path, "--help").out
    assert all(str(code) in shown for code in EXIT_CODES)
    assert not list(tmp_path.iterdir())
