"""A holder's day in a real browser, from a table with a fault to an answer; and the officer's check that lets a case
lead leave."""

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
from tests.review_api.rights.conftest import HOLDER
from tests.review_api.rights.test_importing import GOOD, workbook
from tests.review_api.serving import served
from tests.review_api.world import NAMES, PASSWORD, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


def open_page(browser: "Browser", address: str, name: str, troubles: list[str]) -> "Page":
    """Somebody signed in, on a page that keeps every script error and refused resource but the refusals meant here."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 860}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if meant(message.type, message.text) else None)
    page.goto("/signin")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.locator(".nav").wait_for()
    return page


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
    check_and_export(officer, built, tmp_path)
    tell(officer, holder, built.leads["linhai"][0])
    assert troubles == []


def refer(page: "Page", lead_id: str) -> None:
    page.goto(f"/leads/{lead_id}")
    page.locator("summary", has_text="转权利人").click()
    page.get_by_label("答复期限（天）").fill("5")
    page.get_by_role("button", name="转出").click()
    page.get_by_text("请于").first.wait_for()


def import_with_a_fault_and_mend(page: "Page", folder: Path) -> None:
    page.get_by_role("link", name="我的商标").click()
    page.get_by_role("link", name="表格导入").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="商标 XLSX", exact=True).click()
    template = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert template.sheetnames == ["marks", "说明"]
    wrong, right = folder / "wrong.xlsx", folder / "right.xlsx"
    other = ("QC-32", "晴川里", "word", "46", "90000032", None, "registered")
    wrong.write_bytes(workbook(GOOD, other))
    right.write_bytes(workbook(GOOD, (*other[:3], "30", *other[4:])))
    upload(page, wrong)
    faults = page.locator("table.faults tbody tr")
    assert faults.count() == 1
    assert all(word in faults.inner_text() for word in ("3", "D", "尼斯分类", "应为 1 至 45"))
    upload(page, right)
    page.get_by_role("button", name="确认导入 2 行").click()
    page.get_by_text("已导入：新增 2").wait_for()
    page.get_by_role("link", name="查看我的商标").click()
    rows = page.locator("tbody tr")
    assert [rows.nth(at).locator("a").inner_text() for at in range(3)] == ["晴川", "晴川源", "晴川里"]
    assert rows.nth(1).locator(".standing").inner_text() == "未核验"


def upload(page: "Page", path: Path) -> None:
    page.get_by_label("文件（.xlsx 或 .csv").set_input_files(path)
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("heading", name=f"预览：{path.name}").wait_for()


def edit_and_preview(page: "Page") -> None:
    page.get_by_role("link", name="登记商标").click()
    page.get_by_label("商标文字").fill("晴川")
    page.get_by_label("尼斯分类").fill("30")
    page.get_by_role("button", name="试比对").click()
    page.get_by_role("heading", name="试比对结果").wait_for()
    assert page.locator(".found-list li mark").first.inner_text() == "睛川"
    assert "茗香源茶行" not in page.content()
    page.goto("/rights/marks/QC-30")
    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("别名").fill("QINGCHUAN; 晴川牌")
    page.get_by_role("button", name="试比对").click()
    page.get_by_role("heading", name="试比对结果").wait_for()
    assert page.locator(".found-list li").count() == 0, "the shop is on the list of authorised sellers"
    assert page.get_by_label("别名").input_value() == "QINGCHUAN; 晴川牌"
    page.get_by_role("button", name="保存").click()
    page.get_by_text("QINGCHUAN / 晴川牌").wait_for()
    assert page.locator(".page-head .standing").inner_text() == "变更后待核验"
    page.get_by_role("link", name="变更记录").click()
    newest = page.locator(".timeline > li").first
    assert all(word in newest.inner_text() for word in ("wang", HOLDER.name, "别名", "晴川牌"))
    page.locator(".crumbs a").click()


def add_a_picture(page: "Page", folder: Path) -> None:
    picture, page_of_html = folder / "tin.png", folder / "page.png"
    picture.write_bytes(drawings.png(drawings.tin(band="#335577")))
    page_of_html.write_bytes(b"<html><script>document.title = 'ran'</script>")
    before = page.locator("#pictures img").count()
    for path in (page_of_html, picture):
        page.locator("#pictures summary").click()
        page.get_by_label("图片文件").set_input_files(path)
        page.get_by_role("button", name="上传图片").click()
        if path == page_of_html:
            page.get_by_text("文件不是 PNG、JPEG、GIF 或 WebP 图片").wait_for()
    page.wait_for_url("**#pictures")
    images = page.locator("#pictures img")
    assert images.count() == before + 1
    assert all(
        images.nth(at).evaluate("picture => picture.decode().then(() => picture.naturalWidth)") for at in range(2)
    )


def answer(page: "Page") -> None:
    page.get_by_role("link", name="收到的信息").click()
    assert "待答复" in page.locator("tbody tr").inner_text()
    page.locator("tbody a").first.click()
    page.get_by_label("非正品", exact=True).check()
    page.get_by_label("理由").fill("喷码格式不符，该批号不存在。")
    page.get_by_label("出具意见人员").fill("王芳")
    page.get_by_role("button", name="提交").click()
    page.locator(".said", has_text="非正品").wait_for()


def check_and_export(page: "Page", built: World, folder: Path) -> None:
    lead_id = built.leads["linhai"][0]
    page.goto(f"/leads/{lead_id}")
    page.locator("#verification", has_text="非正品").wait_for()
    page.locator("summary", has_text="转核查").click()
    page.get_by_label("我已核对排除因素").check()
    page.get_by_role("button", name="登记案件线索").click()
    page.wait_for_url("**/case-leads/*")
    case = page.url
    page.locator("#exports summary").click()
    page.get_by_role("button", name="生成并登记").click()
    page.get_by_role("heading", name="所涉商标须先核验").wait_for()
    assert page.get_by_text("晴川 (QC-30)").is_visible()
    page.get_by_role("link", name="前往商标核验").click()
    page.get_by_role("link", name="晴川", exact=True).click()
    page.get_by_label("注册证（号码、文字、图样）").check()
    page.get_by_label("核对依据").fill("注册证原件")
    page.get_by_role("button", name="保存核验").click()
    page.get_by_text("须同时核对注册证和当前状态").wait_for()
    assert page.get_by_label("核对依据").input_value() == "注册证原件"
    page.get_by_label("当前状态").check()
    page.get_by_role("button", name="保存核验").click()
    page.get_by_role("heading", name="商标核验", level=1).wait_for()
    assert page.get_by_role("link", name="晴川", exact=True).count() == 0
    page.goto(case)
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON 案卷").click()
    assert "QC-30" in Path(download.value.path()).read_text("utf-8")


def tell(officer: "Page", holder: "Page", lead_id: str) -> None:
    officer.goto(f"/leads/{lead_id}/records")
    officer.locator("summary", has_text="反馈处理结果").click()
    officer.locator("select[name=feedback]").select_option("filed")
    officer.get_by_role("button", name="反馈", exact=True).click()
    officer.get_by_text("处理结果：已立案").wait_for()
    officer.locator("summary", has_text="登记辨认意见").click()
    form = officer.locator("form", has=officer.locator("input[value=identification]"))
    form.get_by_label("依据").select_option("sample")
    form.get_by_label("权利人", exact=True).fill(HOLDER.name)
    form.get_by_label("辨认人员").fill("王芳")
    form.get_by_role("button", name="登记").click()
    officer.get_by_text("仅凭页面不能形成").wait_for()
    holder.goto("/referrals")
    holder.get_by_text("处理结果：已立案").wait_for()
