"""A day of liaison in a real browser: the holder sends a batch, the platform answers it with one mistake in its file,
an operator declares, and the clock runs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from models.organisations import ROLES
from review_api.accounts import new_account
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.liaison.conftest import ORGANISATIONS, referred
from tests.review_api.serving import served
from tests.review_api.test_browser import PATIENCE_MS, sign_in
from tests.review_api.world import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console with a holder that was handed two leads, and two platforms."""
    world = worlds.build(tmp_path_factory.mktemp("liaison"))
    for each in ORGANISATIONS:
        world.store.organisations.save(each)
        roles = tuple(sorted(ROLES[each.kind]))
        world.store.accounts.save(
            new_account(each.organisation_id, PASSWORD, organisation_id=each.organisation_id, roles=roles)
        )
    referred(world)
    with served(create_app(world.store, world.objects, world.port, ReviewSettings())) as where:
        yield where
    world.store.close()


class Day:
    """Two people at their pages, and what scripts complained of on the way."""

    def __init__(self, browser: "Browser", address: str) -> None:
        self._browser, self._address = browser, address
        self.troubles: list[str] = []

    def person(self, name: str, heading: str) -> "Page":
        context = self._browser.new_context(
            base_url=self._address, viewport={"width": 1280, "height": 860}, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        sign_in(page, name, heading=heading, start="/")
        return page


def draft(page: "Page") -> None:
    """From nothing to a whole batch."""
    page.goto("/batches/new")
    page.locator("select[name=receiver_id]").select_option(label="云集市")
    for box in page.locator("input[name=referral]").all():
        box.check()
    page.get_by_role("button", name="建立草稿").click()
    page.wait_for_url("**/batches/TZ*")


def complete(page: "Page") -> None:
    page.locator("select[name=every_reason]").select_option("102")
    page.get_by_role("button", name="保存各行").click()
    page.locator("[name=sender_contact]").fill("0571-0000000")
    page.locator("[name=holder_code]").fill("91330100MA0000000X")
    page.locator("[name=declared]").check()
    page.locator("#parties").get_by_role("button", name="保存").click()
    for purpose, name in (("evidence", "页面.png"), ("certificate", "注册证.pdf")):
        payload: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": name.encode()}
        page.locator("input[type=file]").set_input_files(payload)
        page.locator("select[name=purpose]").select_option(purpose)
        page.locator("form[action$=documents]").get_by_role("button", name="添加").click()
        page.wait_for_load_state()
    page.locator("#lacks").get_by_text("没有缺项").wait_for()


def test_a_day_of_liaison(browser: "Browser", address: str) -> None:
    day = Day(browser, address)
    holder = day.person("qingchuan", "收到的疑似信息")
    holder.goto("/batches")
    draft(holder)
    batch_id = holder.url.rpartition("/")[2]
    assert holder.get_by_role("button", name="签署本批次").count() == 0
    complete(holder)
    holder.locator("[name=every]").fill("已逐项核对")
    holder.get_by_role("button", name="登记核对").click()
    holder.get_by_role("button", name="签署本批次").wait_for()
    holder.locator("#sign [name=name]").fill("王晴")
    holder.get_by_role("button", name="签署本批次").click()
    holder.get_by_role("button", name="发给 云集市").wait_for()

    platform = day.person("yunjishi", "收到的函件")
    platform.goto(f"/letters/{batch_id}")
    platform.get_by_role("heading", name="没有找到").wait_for()
    holder.get_by_role("button", name="发给 云集市").click()
    holder.wait_for_url("**/letters/*")

    platform.goto("/letters")
    platform.get_by_role("link", name=batch_id).click()
    with platform.expect_download() as download:
        platform.get_by_role("link", name="CSV 清单").click()
    assert download.value.suggested_filename == f"{batch_id}.csv"
    items = [cell.inner_text().split(" ")[0] for cell in platform.locator(".letter-rows tbody .muted.small").all()]
    item = next(each for each in items if each.startswith("linhai-"))
    lines = f"投诉批次,宝贝编号,处理结论\r\n{batch_id},{item},下架\r\n{batch_id},不存在,下架\r\n"
    answers: Any = {"name": "回执.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    platform.locator("input[type=file]").set_input_files(answers)
    platform.get_by_role("button", name="上传并预览").click()
    platform.get_by_text("本函没有这件商品").wait_for()
    platform.get_by_role("button", name="确认登记 1 行").click()
    platform.locator(".badge-row-removed").first.wait_for()

    platform.locator("summary", has_text="登记商家声明").click()
    platform.locator("[name=words]").fill("本店商品为正品，附进货凭证。")
    platform.get_by_role("button", name="登记并起算期限").click()
    platform.get_by_text("期限内").first.wait_for()
    holder.goto("/statements")
    holder.get_by_text("期限内").wait_for()
    holder.get_by_role("link", name=batch_id).click()
    holder.locator("summary", has_text="答复声明").click()
    holder.locator("[name=reference]").fill("（2026）浙01民初1号")
    holder.locator("select[name=kind]").select_option("sued")
    holder.get_by_role("button", name="告知平台").click()
    holder.get_by_text("权利人已投诉或者起诉").first.wait_for()
    platform.goto("/statements")
    platform.get_by_text("权利人已投诉或者起诉").wait_for()
    for page in (holder, platform):
        page.context.close()
    assert day.troubles == []
