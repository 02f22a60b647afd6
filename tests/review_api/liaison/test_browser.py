"""A day of liaison in a real browser, by the keyboard alone: the holder sends a batch, its agent drafts another, the
platform answers with one mistake in its file, an operator declares, and the clock runs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from models.moments import now
from models.organisations import ROLES, PowerOfAttorney
from review_api.accounts import new_account
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.hands import Hands
from tests.review_api.liaison.conftest import ORGANISATIONS, referred
from tests.review_api.serving import served
from tests.review_api.test_browser import PATIENCE_MS
from tests.review_api.world import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
    at = now()
    world.store.organisations.empower(
        PowerOfAttorney(holder_id="qingchuan", agent_id="zhihe", valid_from=at, valid_to=at + timedelta(days=9))
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

    def person(self, name: str, heading: str) -> Hands:
        context = self._browser.new_context(
            base_url=self._address, viewport={"width": 1280, "height": 860}, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        hands = Hands(page)
        hands.sign_in(name, PASSWORD, heading=heading)
        return hands


def section(hands: Hands, name: str) -> None:
    hands.follow(hands.page.get_by_role("navigation").get_by_role("link", name=name, exact=True))


def draft(hands: Hands, *, holder: str = "") -> str:
    """From nothing to a whole batch; its number."""
    page = hands.page
    section(hands, "平台联络")
    hands.follow(page.get_by_role("link", name="新建批次").first)
    if holder:
        hands.choose(page.locator("select[name=holder_id]"), holder)
    hands.choose(page.locator("select[name=receiver_id]"), "yunjishi")
    for box in page.locator("input[name=referral]").all():
        hands.tick(box)
    hands.follow(page.get_by_role("button", name="建立草稿"))
    return page.url.rpartition("/")[2]


def complete(hands: Hands) -> None:
    page = hands.page
    hands.choose(page.locator("select[name=every_reason]"), "102")
    hands.follow(page.get_by_role("button", name="保存各行"))
    hands.write(page.locator("[name=sender_contact]"), "0571-0000000")
    hands.write(page.locator("[name=holder_code]"), "91330100MA0000000X")
    hands.tick(page.locator("[name=declared]"))
    hands.follow(page.locator("#parties").get_by_role("button", name="保存"))
    for purpose, name in (("evidence", "页面.png"), ("certificate", "注册证.pdf")):
        payload: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": name.encode()}
        hands.bring(page.locator("input[type=file]"), payload)
        hands.choose(page.locator("select[name=purpose]"), purpose)
        hands.follow(page.locator("form[action$=documents]").get_by_role("button", name="添加"))
    page.locator("#lacks").get_by_text("没有缺项").wait_for()


def sign(hands: Hands) -> None:
    page = hands.page
    assert page.get_by_role("button", name="签署本批次").count() == 0
    hands.write(page.locator("[name=every]"), "已逐项核对")
    hands.follow(page.get_by_role("button", name="登记核对"))
    hands.write(page.locator("#sign [name=name]"), "王晴")
    hands.follow(page.get_by_role("button", name="签署本批次"))
    page.get_by_role("button", name="发给 云集市").wait_for()


def answer_by_file(hands: Hands, batch_id: str) -> None:
    """The platform's table with one line that fits nothing, then a statement that an operator made."""
    page = hands.page
    section(hands, "收到的函件")
    hands.follow(page.get_by_role("link", name=batch_id))
    assert hands.take(page.get_by_role("link", name="CSV 清单")).suggested_filename == f"{batch_id}.csv"
    items = [cell.inner_text().split(" ")[0] for cell in page.locator(".letter-rows tbody .muted.small").all()]
    item = next(each for each in items if each.startswith("linhai-"))
    lines = f"投诉批次,宝贝编号,处理结论\r\n{batch_id},{item},下架\r\n{batch_id},不存在,下架\r\n"
    answers: Any = {"name": "回执.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    hands.bring(page.locator("input[type=file]"), answers)
    hands.follow(page.get_by_role("button", name="上传并预览"))
    page.get_by_text("本函没有这件商品").wait_for()
    hands.follow(page.get_by_role("button", name="确认登记 1 行"))
    page.locator(".badge-row-removed").first.wait_for()
    hands.open(page.locator("summary", has_text="登记商家声明"))
    hands.write(page.locator("[name=words]"), "本店商品为正品，附进货凭证。")
    hands.follow(page.get_by_role("button", name="登记并起算期限"))
    page.get_by_text("期限内").first.wait_for()


def test_a_day_of_liaison(browser: "Browser", address: str) -> None:
    day = Day(browser, address)
    holder = day.person("qingchuan", "收到的疑似信息")
    batch_id = draft(holder)
    complete(holder)
    sign(holder)

    platform = day.person("yunjishi", "收到的函件")
    assert platform.page.get_by_role("link", name=batch_id).count() == 0, "it was not sent yet"
    holder.follow(holder.page.get_by_role("button", name="发给 云集市"))
    answer_by_file(platform, batch_id)

    section(holder, "平台联络")
    holder.follow(holder.page.get_by_role("link", name="查看声明与期限"))
    holder.page.get_by_text("期限内").wait_for()
    holder.follow(holder.page.get_by_role("link", name=batch_id))
    holder.open(holder.page.locator("summary", has_text="答复声明"))
    holder.write(holder.page.locator("[name=reference]"), "（2026）浙01民初1号")
    holder.choose(holder.page.locator("select[name=kind]"), "sued")
    holder.follow(holder.page.get_by_role("button", name="告知平台"))
    holder.page.get_by_text("权利人已投诉或者起诉").first.wait_for()
    section(platform, "收到的函件")
    platform.follow(platform.page.get_by_role("link", name="查看声明与期限"))
    platform.page.get_by_text("权利人已投诉或者起诉").wait_for()
    for hands in (holder, platform):
        hands.page.context.close()
    assert day.troubles == []


def test_an_agent_s_day(browser: "Browser", address: str) -> None:
    """Drafts for the holder that empowered it, and is told what is still missing."""
    day = Day(browser, address)
    agent = day.person("zhihe", "收到的疑似信息")
    batch_id = draft(agent)
    agent.page.locator("#lacks").get_by_text("代理人来函未附委托书").wait_for()
    section(agent, "平台联络")
    agent.page.get_by_role("link", name=batch_id).wait_for()
    agent.page.context.close()
    assert day.troubles == []
