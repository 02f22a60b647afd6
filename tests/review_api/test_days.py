"""A day of each role of a unit in a real browser, by the keyboard alone. Holders, agents and platforms have theirs
beside what they work on: `rights/test_browser.py`, `liaison/test_browser.py`."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from models.organisations import Role
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.hands import Hands
from tests.review_api.serving import served
from tests.review_api.world import PASSWORD, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE_MS = 20_000
ROLES = (Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.VIEWER)
Arrive = Callable[..., Hands]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console of a unit with one person of each role, who is named as the role is."""
    world: World = worlds.build(tmp_path_factory.mktemp("days"))
    for role in ROLES:
        of_it = {"account_id": role.value, "name": role.value, "display_name": "", "roles": (role,)}
        world.store.accounts.save(world.accounts["linhai"].model_copy(update=of_it))
    with served(create_app(world.store, world.objects, world.port, ReviewSettings())) as where:
        yield where
    world.store.close()


@pytest.fixture
def arrive(browser: "Browser", address: str) -> Iterator[Arrive]:
    """Somebody who signs in; no script of theirs may fail and nothing be refused."""
    troubles: list[str] = []
    contexts = []

    def signed_in(role: Role, *, heading: str = "疑似信息") -> Hands:
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 860}, accept_downloads=True)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        hands = Hands(page)
        hands.sign_in(role, PASSWORD, heading=heading)
        return hands

    yield signed_in
    for context in contexts:
        context.close()
    assert troubles == []


def section(hands: Hands, name: str) -> "Page":
    """By the bar, to another section."""
    hands.follow(hands.page.get_by_role("navigation").get_by_role("link", name=name, exact=True))
    return hands.page


def leave(hands: Hands) -> None:
    hands.follow(hands.page.get_by_role("button", name="退出"))
    hands.page.get_by_label("用户名").wait_for()


def test_a_supervisor_s_day(arrive: Arrive) -> None:
    """Gives a lead to an officer, begins a campaign, sets the unit's operating point, adds a reason, checks a mark."""
    hands = arrive(Role.SUPERVISOR)
    page = hands.page
    hands.press("j", "j")
    hands.go("Enter")
    hands.choose(page.get_by_label("分派给"), "officer")
    hands.follow(page.get_by_role("button", name="分派", exact=True))
    page.locator(".turn-words", has_text="officer").wait_for()

    section(hands, "专项行动")
    hands.open(page.locator("summary", has_text="新增专项行动"))
    form = page.locator('form[action="/campaigns"]')
    hands.write(form.get_by_label("名称"), "春茶行动")
    for field, day in (("starts_on", "03012026"), ("ends_on", "04302026")):
        hands.reach(form.locator(f"[name={field}]"))
        page.keyboard.type(day)
    hands.follow(form.get_by_role("button"))
    page.get_by_role("heading", name="春茶行动").wait_for()
    page.get_by_text("2026-03-01 – 2026-04-30").wait_for()

    section(hands, "研判规则")
    hands.open(page.locator("summary", has_text="设定本单位分数线"))
    hands.write(page.locator('form[action="/triage/points"] [name=point]'), "11.5")
    hands.write(page.locator('form[action="/triage/points"] [name=reason]'), "本月人手有限。")
    hands.follow(page.locator('form[action="/triage/points"] button'))
    page.get_by_text("本月人手有限。").wait_for()
    hands.open(page.locator("summary", has_text="增补理由"))
    hands.write(page.locator('form[action="/triage/reasons"] [name=zh]'), "已由他局立案")
    hands.follow(page.locator('form[action="/triage/reasons"] button'))
    page.get_by_text("已由他局立案").first.wait_for()

    section(hands, "商标核验")
    hands.follow(page.get_by_role("link", name="全部"))
    hands.follow(page.locator("tbody a").first)
    for what in ("注册证（号码、文字、图样）", "当前状态"):
        hands.tick(page.get_by_label(what))
    hands.write(page.get_by_label("核对依据"), "注册证原件")
    hands.follow(page.get_by_role("button", name="保存核验"))
    page.get_by_role("heading", name="商标核验", level=1).wait_for()
    leave(hands)


def test_an_officer_s_day(arrive: Arrive, tmp_path: Path) -> None:
    """From the queue to an exported case lead: filters, claims, dismisses, takes it back, accepts, verifies."""
    hands = arrive(Role.OFFICER)
    page = hands.page
    hands.press("f")
    hands.choose(page.locator("form.filters select[name=mark]"), "QC-30")
    hands.follow(page.get_by_role("button", name="筛选"))
    assert "mark=QC-30" in page.url
    hands.follow(page.get_by_role("link", name="清除筛选"))

    hands.press("j", "j", "j")
    hands.go("Enter")
    page.locator("[data-lead-page]").wait_for()
    hands.go("c")
    page.locator(".turn-yours").wait_for()
    lead = page.url.split("?")[0]
    hands.press("d")
    key = page.locator('#dismiss-dialog input[value="duplicate"]').get_attribute("data-key") or ""
    hands.go(key)
    hands.go("u")
    section(hands, "疑似信息")

    hands.follow(page.get_by_role("link", name="睛川 明前绿茶"))
    assert page.locator("h1 mark").inner_text() == "睛川"
    pictures = page.locator(".pair img")
    assert all(pictures.nth(index).evaluate("picture => picture.naturalWidth") > 0 for index in range(2))
    assert page.url.split("?")[0] != lead
    hands.press("a")
    assert page.locator(".column-against.opened").count() == 1, "the counter-reasons are opened first"
    hands.press("Space")
    hands.write(page.get_by_label("登记意见"), "请核查发货地。")
    hands.follow(page.get_by_role("button", name="登记案件线索"))
    if "/case-leads/" not in page.url:
        hands.follow(page.locator("a[href^='/case-leads/']").first)
    assert "请核查发货地。" in page.content()
    hands.open(page.locator("summary", has_text="开始核查"))
    hands.follow(page.locator("details[open] form button").first)
    page.locator(".badge", has_text="核查中").first.wait_for()
    book = tmp_path / "case.xlsx"
    hands.take(page.get_by_role("link", name="XLSX 工作簿")).save_as(book)
    sheets = load_workbook(io.BytesIO(book.read_bytes()))
    assert sheets.sheetnames[0] == "案件线索"
    assert sheets["疑似信息"].max_row == 2

    hands.press("/")
    page.keyboard.insert_text("明前绿茶")
    hands.go("Enter")
    page.locator(".hits li").first.wait_for()
    leave(hands)


def test_an_administrator_s_day(arrive: Arrive) -> None:
    """Makes a person and a machine's key, and takes a person's leave to sign in."""
    hands = arrive(Role.ADMINISTRATOR, heading="人员与密钥")
    page = hands.page
    hands.open(page.locator("summary", has_text="新增人员"))
    form = page.locator('form[action="/people"]')
    hands.write(form.get_by_label("名称"), "chen")
    hands.tick(form.get_by_label("查阅人员"))
    hands.follow(form.get_by_role("button", name="新增"))
    assert len(page.locator("code.secret").inner_text()) >= 12
    hands.open(page.locator("summary", has_text="新增密钥"))
    form = page.locator('form[action="/keys"]')
    hands.write(form.get_by_label("用途"), "报表")
    hands.tick(form.get_by_label("读取疑似信息"))
    hands.follow(form.get_by_role("button", name="生成密钥"))
    assert page.locator("code.secret").inner_text().startswith("jz_")
    row = page.locator("tbody tr", has_text="chen")
    hands.open(row.locator("summary"))
    hands.reach(row.get_by_label("允许登录"))
    hands.press("Space")
    hands.follow(row.get_by_role("button", name="保存"))
    page.locator("tbody tr", has_text="chen").get_by_text("已停用").wait_for()
    leave(hands)


def test_an_auditor_s_day(arrive: Arrive) -> None:
    """Reads the trail, and of it what was of one kind."""
    hands = arrive(Role.AUDITOR, heading="审计记录")
    page = hands.page
    every = page.locator("tbody tr").count()
    hands.choose(page.get_by_label("事项"), "signed-in")
    hands.follow(page.get_by_role("button", name="筛选"))
    shown = [row.inner_text() for row in page.locator("tbody tr").all()]
    assert 0 < len(shown) <= every
    assert all("登录" in row for row in shown)
    leave(hands)


def test_a_viewer_s_day(arrive: Arrive) -> None:
    """Reads a lead in both languages, its operator, and cannot decide."""
    hands = arrive(Role.VIEWER)
    page = hands.page
    hands.press("j")
    hands.go("Enter")
    page.get_by_role("heading", name="排除因素").wait_for()
    assert page.locator("details.act-dismiss, details.act-accept, form[data-claim]").count() == 0
    hands.press("d", "a", "c")
    assert page.locator("dialog[open]").count() == 0
    hands.follow(page.get_by_role("link", name="English"))
    page.get_by_role("heading", name="Against").wait_for()
    hands.follow(page.get_by_role("link", name="中文"))
    hands.go("o")
    page.get_by_role("heading", name="该主体的疑似信息").wait_for()
    leave(hands)
