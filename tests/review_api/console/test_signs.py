"""Signs that scripts add: light and dark by the switch, a busy button that is pressed once, charts to point at. And
that all of it is only comfort: the same without scripts and without the chart library."""

from typing import TYPE_CHECKING, Any

import pytest

from review_api.console.assets import library_built
from tests.review_api.console.conftest import Console
from tests.review_api.serving import enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE_MS = 15_000
PRESS_TWICE = "button => { button.click(); button.click(); return button.getAttribute('aria-busy'); }"
PAPER = "getComputedStyle(document.body).backgroundColor"


def officer_s(browser: "Browser", console: Console, **more: Any) -> "BrowserContext":
    context = browser.new_context(base_url=console.address, reduced_motion="reduce", **more)
    context.set_default_timeout(PATIENCE_MS)
    account = next(
        each for (unit, role), each in console.tenants.people.items() if (unit, role) == ("linhai", "supervisor")
    )
    enter(context, console.address, console.tenants.world.store, account.account_id)
    return context


def opened(context: "BrowserContext", path: str) -> "Page":
    page = context.new_page()
    page.goto(path)
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_the_switch_outweighs_the_system_and_is_remembered(browser: "Browser", console: Console, scripts: bool) -> None:
    context = officer_s(browser, console, color_scheme="dark", java_script_enabled=scripts)
    page = opened(context, "/leads")
    night = page.evaluate(PAPER)
    page.get_by_role("link", name="浅色").click()
    page.get_by_role("link", name="浅色").and_(page.locator("[aria-current]")).wait_for()
    day = page.evaluate(PAPER)
    assert day != night
    page.goto("/triage")
    assert page.evaluate(PAPER) == day
    page.get_by_role("link", name="跟随系统").click()
    page.get_by_role("link", name="跟随系统").and_(page.locator("[aria-current]")).wait_for()
    assert page.evaluate(PAPER) == night
    context.close()


def test_a_button_pressed_twice_sends_once(browser: "Browser", console: Console) -> None:
    context = officer_s(browser, console)
    page = opened(context, "/triage")
    page.locator("summary", has_text="增补理由").click()
    form = page.locator('form[action="/triage/reasons"]')
    form.locator('input[name="zh"]').fill("临近保质期")
    with page.expect_navigation():
        busy = form.get_by_role("button").evaluate(PRESS_TWICE)
    assert busy == "true"
    assert page.get_by_text("临近保质期", exact=False).count() == 1
    assert page.locator("[aria-busy], .under-way").count() == 0
    context.close()


def test_a_form_that_a_script_holds_back_is_not_busy(browser: "Browser", console: Console) -> None:
    context = officer_s(browser, console)
    page = opened(context, "/triage")
    page.evaluate("document.addEventListener('submit', event => event.preventDefault(), true)")
    button = page.locator('form[action="/triage/reasons"] button')
    page.locator('form[action="/triage/reasons"] input[name="zh"]').evaluate("field => { field.value = '别的' }")
    assert button.evaluate(PRESS_TWICE) == "true"
    page.wait_for_timeout(50)
    assert button.get_attribute("aria-busy") is None
    context.close()


@pytest.mark.parametrize("there", [True, False])
def test_a_chart_is_seen_with_and_without_the_library(browser: "Browser", console: Console, there: bool) -> None:
    if there and not library_built():
        pytest.skip("make assets was not run")
    context = officer_s(browser, console)
    if not there:
        context.route("**/static/third-party/**", lambda route: route.abort())
    troubles: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto("/triage")
    assert page.locator(".chart-canvas canvas").count() == there
    assert page.locator("svg.chart-drawing").is_visible() is not there
    page.emulate_media(media="print")
    assert page.locator("svg.chart-drawing").is_visible()
    assert troubles == []
    context.close()
