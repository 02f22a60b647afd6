"""A holder's day in a real browser, by the keyboard alone, from a table with a fault to an answer; and the officer's
check that lets a case lead leave."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from detectors.catalogue import detectors
from models.access import Account
from models.moments import now
from models.organisations import Role
from models.rights import Place
from review_api.app import create_app
from review_api.settings import ReviewSettings
from streams.pictures import PictureReader
from streams.screening import ContextSource, Screener, ScreeningService
from tests.review_api import drawings
from tests.review_api import world as worlds
from tests.review_api.hands import Hands
from tests.review_api.rights.conftest import HOLDER
from tests.review_api.rights.test_importing import GOOD, workbook
from tests.review_api.serving import served
from tests.review_api.world import NAMES, PASSWORD, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = worlds.build(tmp_path_factory.mktemp("holder"))
    world.store.organisations.save(HOLDER)
    world.store.rights.give_place(
        Place(
            unit_id="linhai", unit_name="临海市网络交易监管所", holder_id=HOLDER.organisation_id,
            holder_name=HOLDER.name, given_by="he.lan", given_at=now(),
        )
    )  # fmt: skip
    of_it = {"organisation_id": HOLDER.organisation_id, "account_id": "wang", "name": "wang", "display_name": "王芳"}
    officer: Account = world.accounts["linhai"]
    world.store.accounts.save(officer.model_copy(update={**of_it, "roles": (Role.HOLDER_EDITOR,)}))
    yield world
    world.store.close()


@pytest.fixture(scope="module")
def address(built: World) -> Iterator[str]:
    service = ScreeningService(built.store, Screener(detectors()), ContextSource(built.store.registry))
    with PictureReader() as reader:
        app = create_app(built.store, built.objects, service, ReviewSettings(), decoder=reader)
        with served(app) as found:
            yield found


def open_page(browser: "Browser", address: str, name: str, troubles: list[str]) -> Hands:
    """Somebody signed in, on a page that keeps every script error and refused resource but the refusals meant here."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 860}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if meant(message.type, message.text) else None)
    hands = Hands(page)
    hands.sign_in(name, PASSWORD, heading="收到的疑似信息" if name == "wang" else "疑似信息")
    return hands


def meant(kind: str, text: str) -> bool:
    return kind == "error" and "409" not in text and "422" not in text


def test_a_holder_s_day_and_the_officer_s_check(browser: "Browser", address: str, built: World, tmp_path: Path) -> None:
    troubles: list[str] = []
    officer = open_page(browser, address, NAMES["linhai"], troubles)
    refer(officer, built.leads["linhai"][0])
    holder = open_page(browser, address, "wang", troubles)
    import_with_a_fault_and_mend(holder, tmp_path)
    edit_and_preview(holder)
    add_a_picture(holder, tmp_path)
    answer(holder)
    check_and_export(officer, built)
    tell(officer, holder, built.leads["linhai"][0])
    assert troubles == []


def section(hands: Hands, name: str) -> None:
    hands.follow(hands.page.get_by_role("navigation").get_by_role("link", name=name, exact=True))


def to_lead(hands: Hands, lead_id: str) -> None:
    section(hands, "疑似信息")
    hands.follow(hands.page.get_by_role("link", name="全部"))
    hands.follow(hands.page.locator(f"a.subject-title[href*='{lead_id}']"))


def refer(hands: Hands, lead_id: str) -> None:
    to_lead(hands, lead_id)
    hands.open(hands.page.locator("summary", has_text="转权利人"))
    hands.write(hands.page.get_by_label("答复期限（天）"), "5")
    hands.follow(hands.page.get_by_role("button", name="转出"))
    hands.page.get_by_text("请于").first.wait_for()


def import_with_a_fault_and_mend(hands: Hands, folder: Path) -> None:
    page = hands.page
    section(hands, "我的商标")
    hands.follow(page.get_by_role("link", name="表格导入"))
    brought = hands.take(page.get_by_role("link", name="商标 XLSX", exact=True))
    template = openpyxl.load_workbook(io.BytesIO(Path(brought.path()).read_bytes()))
    assert template.sheetnames == ["marks", "说明"]
    wrong, right = folder / "wrong.xlsx", folder / "right.xlsx"
    other = ("QC-32", "晴川里", "word", "46", "90000032", None, "registered")
    wrong.write_bytes(workbook(GOOD, other))
    right.write_bytes(workbook(GOOD, (*other[:3], "30", *other[4:])))
    upload(hands, wrong)
    faults = page.locator("table.faults tbody tr")
    assert faults.count() == 1
    assert all(word in faults.inner_text() for word in ("3", "D", "尼斯分类", "应为 1 至 45"))
    upload(hands, right)
    hands.follow(page.get_by_role("button", name="确认导入 2 行"))
    page.get_by_text("已导入：新增 2").wait_for()
    hands.follow(page.get_by_role("link", name="查看我的商标"))
    rows = page.locator("tbody tr")
    assert [rows.nth(at).locator("a").inner_text() for at in range(3)] == ["晴川", "晴川源", "晴川里"]
    assert rows.nth(1).locator(".standing").inner_text() == "未核验"


def upload(hands: Hands, path: Path) -> None:
    hands.bring(hands.page.get_by_label("文件（.xlsx 或 .csv"), path)
    hands.follow(hands.page.get_by_role("button", name="上传并预览"))
    hands.page.get_by_role("heading", name=f"预览：{path.name}").wait_for()


def edit_and_preview(hands: Hands) -> None:
    page = hands.page
    hands.follow(page.get_by_role("link", name="登记商标"))
    hands.write(page.get_by_label("商标文字"), "晴川")
    hands.write(page.get_by_label("尼斯分类"), "30")
    hands.follow(page.get_by_role("button", name="试比对"))
    page.get_by_role("heading", name="试比对结果").wait_for()
    assert page.locator(".found-list li mark").first.inner_text() == "睛川"
    assert "茗香源茶行" not in page.content()
    section(hands, "我的商标")
    hands.follow(page.get_by_role("link", name="晴川", exact=True))
    hands.follow(page.get_by_role("link", name="修改", exact=True))
    hands.write(page.get_by_label("别名"), "QINGCHUAN; 晴川牌")
    hands.follow(page.get_by_role("button", name="试比对"))
    page.get_by_role("heading", name="试比对结果").wait_for()
    assert page.locator(".found-list li").count() == 0, "the shop is on the list of authorised sellers"
    assert page.get_by_label("别名").input_value() == "QINGCHUAN; 晴川牌"
    hands.follow(page.get_by_role("button", name="保存"))
    page.get_by_text("QINGCHUAN / 晴川牌").wait_for()
    assert page.locator(".page-head .standing").inner_text() == "变更后待核验"
    hands.follow(page.get_by_role("link", name="变更记录"))
    newest = page.locator(".timeline > li").first
    assert all(word in newest.inner_text() for word in ("wang", HOLDER.name, "别名", "晴川牌"))
    hands.follow(page.locator(".crumbs a"))


def add_a_picture(hands: Hands, folder: Path) -> None:
    page = hands.page
    picture, page_of_html = folder / "tin.png", folder / "page.png"
    picture.write_bytes(drawings.png(drawings.tin(band="#335577")))
    page_of_html.write_bytes(b"<html><script>document.title = 'ran'</script>")
    before = page.locator("#pictures img").count()
    for path in (page_of_html, picture):
        hands.open(page.locator("#pictures summary"))
        hands.bring(page.get_by_label("图片文件"), path)
        hands.follow(page.get_by_role("button", name="上传图片"))
        if path == page_of_html:
            page.get_by_text("文件不是 PNG、JPEG、GIF 或 WebP 图片").wait_for()
    page.wait_for_url("**#pictures")
    images = page.locator("#pictures img")
    assert images.count() == before + 1
    assert all(
        images.nth(at).evaluate("picture => picture.decode().then(() => picture.naturalWidth)") for at in range(2)
    )


def answer(hands: Hands) -> None:
    page = hands.page
    section(hands, "收到的信息")
    assert "待答复" in page.locator("tbody tr").inner_text()
    hands.follow(page.locator("tbody a").first)
    hands.tick(page.get_by_label("非正品", exact=True))
    hands.write(page.get_by_label("理由"), "喷码格式不符，该批号不存在。")
    hands.write(page.get_by_label("出具意见人员"), "王芳")
    hands.follow(page.get_by_role("button", name="提交"))
    page.locator(".said", has_text="非正品").wait_for()


def check_and_export(hands: Hands, built: World) -> None:
    page = hands.page
    to_lead(hands, built.leads["linhai"][0])
    page.locator("#verification", has_text="非正品").wait_for()
    hands.open(page.locator("summary", has_text="转核查"))
    hands.tick(page.get_by_label("我已核对排除因素"))
    hands.follow(page.get_by_role("button", name="登记案件线索"))
    number = page.url.rpartition("/")[2]
    hands.open(page.locator("#exports summary"))
    hands.follow(page.get_by_role("button", name="生成并登记"))
    page.get_by_role("heading", name="所涉商标须先核验").wait_for()
    assert page.get_by_text("晴川 (QC-30)").is_visible()
    hands.follow(page.get_by_role("link", name="前往商标核验"))
    hands.follow(page.get_by_role("link", name="晴川", exact=True))
    hands.tick(page.get_by_label("注册证（号码、文字、图样）"))
    hands.write(page.get_by_label("核对依据"), "注册证原件")
    hands.follow(page.get_by_role("button", name="保存核验"))
    page.get_by_text("须同时核对注册证和当前状态").wait_for()
    assert page.get_by_label("核对依据").input_value() == "注册证原件"
    hands.tick(page.get_by_label("当前状态"))
    hands.follow(page.get_by_role("button", name="保存核验"))
    page.get_by_role("heading", name="商标核验", level=1).wait_for()
    assert page.get_by_role("link", name="晴川", exact=True).count() == 0
    section(hands, "案件线索")
    hands.follow(page.get_by_role("link", name=number))
    brought = hands.take(page.get_by_role("link", name="JSON 案卷"))
    assert "QC-30" in Path(brought.path()).read_text("utf-8")


def tell(officer: Hands, holder: Hands, lead_id: str) -> None:
    to_lead(officer, lead_id)
    officer.follow(officer.page.locator("#verification").get_by_role("link", name="查看与登记"))
    officer.open(officer.page.locator("summary", has_text="反馈处理结果"))
    officer.choose(officer.page.locator("select[name=feedback]"), "filed")
    officer.follow(officer.page.get_by_role("button", name="反馈", exact=True))
    officer.page.get_by_text("处理结果：已立案").wait_for()
    officer.open(officer.page.locator("summary", has_text="登记辨认意见"))
    form = officer.page.locator("form", has=officer.page.locator("input[value=identification]"))
    officer.choose(form.get_by_label("依据"), "sample")
    officer.write(form.get_by_label("权利人", exact=True), HOLDER.name)
    officer.write(form.get_by_label("辨认人员"), "王芳")
    officer.follow(form.get_by_role("button", name="登记"))
    officer.page.get_by_text("仅凭页面不能形成").wait_for()
    section(holder, "收到的信息")
    holder.page.get_by_text("处理结果：已立案").wait_for()
