"""The console in a real browser: keys of the queue, languages, pages without scripts, what a holder is shown. Whole
days are in `test_days.py`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from models.organisations import USUAL_ROLE, Organisation, OrganisationKind, Role
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.serving import served
from tests.review_api.world import NAMES, PASSWORD, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOLDER = Organisation(organisation_id="kestrello", kind=OrganisationKind.RIGHTS_HOLDER, name="Kestrello S.r.l.")
PLATFORM = Organisation(organisation_id="yunjishi", kind=OrganisationKind.PLATFORM, name="云集市")
PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of this module's own: its tests run in order and each leaves the others' leads alone."""
    world = worlds.build(tmp_path_factory.mktemp("browser"))
    everything = world.accounts["linhai"].model_copy(update={"roles": tuple(Role)[:5]})
    world.store.accounts.save(everything)
    for organisation, name in ((HOLDER, "editor"), (PLATFORM, "liaison")):
        world.store.organisations.save(organisation)
        roles = (USUAL_ROLE[organisation.kind],)
        of_it = {"organisation_id": organisation.organisation_id, "account_id": name, "name": name, "roles": roles}
        world.store.accounts.save(everything.model_copy(update=of_it))
    yield world
    world.store.close()


@pytest.fixture(scope="module")
def address(built: World) -> Iterator[str]:
    """The application, served over HTTP on loopback by a thread of this process."""
    with served(create_app(built.store, built.objects, built.port, ReviewSettings())) as serving:
        yield serving


@pytest.fixture
def page(browser: "Browser", address: str) -> "Iterator[Page]":
    """A signed-in officer's page that fails the test on any script error or refused resource."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 860}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    troubles: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    sign_in(opened)
    yield opened
    context.close()
    assert troubles == []


def sign_in(page: "Page", name: str = NAMES["linhai"], *, heading: str = "疑似信息", start: str = "/leads") -> None:
    page.goto(start)
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name=heading, level=1).wait_for()


def test_several_leads_by_keyboard(page: "Page") -> None:
    rows = page.locator("table.queue tbody tr").count()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator(".chosen").inner_text() == "已选 2 条"
    page.locator("th input").check()
    assert page.locator("tbody input:checked").count() == rows
    page.locator("th input").uncheck()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/*")
    assert page.locator(".column-for").count() == 1


def test_the_language_switch(page: "Page") -> None:
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="Leads", level=1).wait_for()
    page.locator(".subject-title").first.click()
    page.get_by_role("heading", name="Against").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="中文").click()
    page.get_by_role("heading", name="排除因素").wait_for()


def test_pages_work_without_scripts(browser: "Browser", address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in(page)
    page.locator("summary", has_text="更多条件").click()
    page.get_by_label("对象").select_option("parcel")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("link", name="茶叶").click()
    page.locator("summary", has_text="待补充").click()
    page.get_by_label("需要补充什么").fill("收寄网点的验视记录")
    page.get_by_role("button", name="标记待补充").click()
    page.get_by_text("收寄网点的验视记录").wait_for()
    context.close()


def test_a_lead_is_referred_and_its_holder_reads_its_part(page: "Page", browser: "Browser", address: str) -> None:
    page.get_by_role("link", name="KESTRELL0 Ala").click()
    page.locator("summary", has_text="转权利人").click()
    page.get_by_role("button", name="转出").click()
    page.get_by_text("已转 Kestrello S.r.l. 核实").wait_for()
    context = browser.new_context(base_url=address)
    context.set_default_timeout(PATIENCE_MS)
    theirs = context.new_page()
    sign_in(theirs, "editor", heading="收到的疑似信息", start="/")
    sections = {link.get_attribute("href") for link in theirs.locator(".nav a").all()}
    assert {"/referrals", "/batches"} <= sections
    assert not sections & {"/leads", "/case-leads", "/people", "/audit"}
    theirs.get_by_role("link", name="KESTRELL0 Ala").click()
    theirs.get_by_text("仅列出与贵方商标有关的疑点").wait_for()
    assert theirs.locator(".column-for .finding").count() >= 3
    context.close()
