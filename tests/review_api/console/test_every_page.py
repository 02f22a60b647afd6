"""Every page in a real browser, as everybody who may see it: accessible by axe-core in both languages and by day and by
night, nothing wider than the screen, everything reached by the keyboard alone with its focus seen."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.organisations import OrganisationKind
from tests.review_api.console.conftest import Console
from tests.review_api.console.stops import STATES, Stop, may_see_something, pages_routed
from tests.review_api.serving import enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE_MS = 15_000
LEAVING = 9  # keys within which the focus leaves the last element, though it has parts
# Holds the focus on the last element that Tab comes to.
TRAP = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(each => each.checkVisibility() && !each.disabled).at(-1)
    .addEventListener('keydown', event => event.preventDefault())"""
TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
KEYBOARD = (Path(__file__).parent / "keyboard.js").read_text("utf-8")
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.removeAttribute('name'); each.open = true; })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What scrolls sideways without a way in for the keyboard.
UNREACHED = """[...document.querySelectorAll('main *')].filter(each => each.checkVisibility()
    && each.scrollWidth > each.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX)
    && each.tabIndex < 0 && !each.querySelector('a[href], button, input, select, textarea, summary'))
    .map(each => each.tagName + '.' + each.className)"""
ELSEWHERE = {"/", "/signin/oidc", "/signin/oidc/callback"}


@pytest.fixture(scope="module")
def sheet(browser: "Browser", console: Console) -> "Page":
    """A page of a browser that lets the checker in, and keeps what scripts complain of."""
    context = browser.new_context(
        base_url=console.address,
        viewport={"width": 1280, "height": 900},
        color_scheme="light",
        bypass_csp=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def see(sheet: "Page", console: Console, stop: Stop, *, language: str = "zh") -> None:
    enter(sheet.context, console.address, console.tenants.world.store, stop.account_id, language=language)
    sheet.goto(stop.path)


def test_the_walk_finds_every_page_and_everybody(console: Console) -> None:
    """A route that nobody walks would be looked at by nobody. Files are fetched all the same."""
    walked = {stop.route for stop in console.stops}
    assert pages_routed(console.app) - walked - console.files == ELSEWHERE
    assert {path for path, _ in STATES} <= walked
    assert all(may_see_something(kind, console.stops) for kind in OrganisationKind)
    assert len(console.stops) > len(walked)


def test_no_page_has_serious_accessibility_faults(sheet: "Page", console: Console) -> None:
    """Short form: each page as the person who may do most on it, by turns in Chinese by day and in English by night."""
    faults: list[str] = []
    for number, stop in enumerate(console.fullest):
        language, scheme = (("zh", "light"), ("en", "dark"))[number % 2]
        sheet.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        see(sheet, console, stop, language=language)
        sheet.evaluate(OPEN_ALL)
        faults += faults_of(sheet, stop, f"{language} {scheme}")
        for width in (1280, 768, 390):
            sheet.set_viewport_size({"width": width, "height": 900})
            faults += too_wide(sheet, stop, f"{language} {width}")
        sheet.set_viewport_size({"width": 1280, "height": 900})
    sheet.emulate_media(color_scheme="light")
    assert not faults, "\n".join(faults)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_nor_has_any_page_for_anybody(sheet: "Page", console: Console) -> None:
    """Full form: every page as everybody who sees it differently, both languages, day and night, three widths."""
    faults: list[str] = []
    looked_at = 0
    for stop in console.stops:
        for language in ("zh", "en"):
            for scheme, width in (("light", 1280), ("dark", 1280), ("light", 768), ("dark", 390)):
                sheet.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                sheet.set_viewport_size({"width": width, "height": 900})
                see(sheet, console, stop, language=language)
                sheet.evaluate(OPEN_ALL)
                told = f"{language} {scheme} {width}"
                faults += [*faults_of(sheet, stop, told), *too_wide(sheet, stop, told)]
                looked_at += 1
    assert looked_at >= 8 * len(console.stops)
    assert not faults, "\n".join(faults)


def test_a_faulty_page_is_caught(sheet: "Page", console: Console) -> None:
    """Negative control: a picture without words, a field without a name, letters too faint, a box too wide."""
    stop = next(stop for stop in console.stops if stop.route == "/leads")
    see(sheet, console, stop)
    sheet.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterbegin', '<img src=\"/static/seal.svg\"><input>"
        '<p style="color:#999;background:#fff">faint</p><div style="width:3000px">wide</div>\')'
    )
    faults = " ".join([*faults_of(sheet, stop, ""), *too_wide(sheet, stop, "")])
    assert all(rule in faults for rule in ("image-alt", "label", "color-contrast", "sideways"))


def faults_of(sheet: "Page", stop: Stop, told: str) -> list[str]:
    """Serious and critical violations, each with its place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(sheet)
    return [
        f"{stop.name} ({told}): {violation['id']} at {violation['nodes'][0]['target']}: "
        f"{violation['nodes'][0]['failureSummary']}"
        for violation in found.response["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]


def too_wide(sheet: "Page", stop: Stop, told: str) -> list[str]:
    wide = sheet.evaluate(OVERFLOW)
    sheet.evaluate("() => new Promise(settled => requestAnimationFrame(() => setTimeout(settled)))")
    unreached = [f"{stop.name} ({told}): no key scrolls {each}" for each in sheet.evaluate(UNREACHED)]
    return [f"{stop.name} ({told}) scrolls sideways by {wide} px", *unreached] if wide > 0 else unreached


def test_everything_is_reached_by_the_keyboard_with_its_focus_seen(sheet: "Page", console: Console) -> None:
    faults: list[str] = []
    for stop in console.fullest:
        see(sheet, console, stop)
        sheet.evaluate(OPEN_ALL)
        faults += [f"{stop.name}: {fault}" for fault in keyboard_faults(sheet)]
    assert not faults, "\n".join(faults)


def keyboard_faults(sheet: "Page") -> list[str]:
    """What a person without a mouse would stumble over on this page."""
    sheet.evaluate("document.activeElement?.blur()")
    sheet.evaluate(KEYBOARD)
    wanted = sheet.evaluate("keyboardWalk.count")
    keys = sheet.context.new_cdp_session(sheet)
    for _ in range(wanted + sheet.evaluate("keyboardWalk.parts")):
        keys.send("Input.dispatchKeyEvent", TAB)
    moves = sheet.evaluate("keyboardWalk.moves()")
    for _ in range(LEAVING):
        keys.send("Input.dispatchKeyEvent", TAB)
    held = sheet.evaluate("keyboardWalk.moves()") == moves and not sheet.evaluate("keyboardWalk.left()")
    keys.detach()
    found: list[str] = sheet.evaluate("keyboardWalk.faults()")
    return [*found, "a trap"] if held else found


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        ("document.querySelector('main a').tabIndex = -1", "not reached"),
        ("document.querySelector('.skip').addEventListener('keydown', event => event.preventDefault())", "not reached"),
        (TRAP, "a trap"),
        ("document.querySelectorAll('*').forEach(each => { each.style.outline = 'none' })", "no ring"),
        ("document.querySelector('.bar').style.height = '700px'", "covered"),
    ],
)
def test_a_page_that_fails_the_keyboard_is_caught(sheet: "Page", console: Console, spoiled: str, told: str) -> None:
    """Negative controls: out of the order of Tab, a trap, no ring, covered by the bar."""
    stop = next(stop for stop in console.stops if stop.route == "/leads")
    see(sheet, console, stop)
    sheet.evaluate(spoiled)
    assert any(fault.startswith(told) for fault in keyboard_faults(sheet))


@pytest.mark.parametrize("route", ["/leads/{lead_id}", "/case-leads/{case_number}", "/leads", "/triage"])
def test_paper_shows_the_matter_and_nothing_around_it(sheet: "Page", console: Console, route: str) -> None:
    """By night too: black on white, no bar, no forms, nothing folded away; within the width of the sheet."""
    stop = next(stop for stop in console.fullest if stop.route == route)
    see(sheet, console, stop)
    sheet.set_viewport_size({"width": 700, "height": 1000})  # an A4 sheet between its margins
    sheet.emulate_media(media="print", color_scheme="dark")
    around = sheet.locator("header.bar, .crumbs, form.filters, .actions, main button, main input, main select")
    assert not [each for each in around.all() if each.is_visible()]
    assert sheet.locator("main h1").is_visible()
    assert sheet.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert too_wide(sheet, stop, "paper") == []
    sheet.emulate_media(media="screen", color_scheme="light")
    sheet.set_viewport_size({"width": 1280, "height": 900})
