"""How soon a page is seen: first contentful paint of every page in headless Chromium, each as the person who may do
most on it, in a fresh browser context so that nothing is cached.

The baseline is the least that can be painted from the same server: the few bytes of `/healthz`.
"""

import tempfile
from pathlib import Path
from statistics import median

from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, sync_playwright

from tests.review_api import world as worlds
from tests.review_api.console.stops import fullest, peopled, stops
from tests.review_api.serving import enter, served
from tests.servers.browser import executable, flags

ROUNDS = 5
FIRST_PAINT = (
    "() => new Promise(resolve => new PerformanceObserver((list, seen) => {"
    " for (const each of list.getEntries()) if (each.name === 'first-contentful-paint') resolve(each.startTime); }"
    ").observe({ type: 'paint', buffered: true }))"
)


def run() -> dict[str, float]:
    """Milliseconds: the median of `ROUNDS`, of the slowest page and of all; and the single slowest of all visits."""
    with tempfile.TemporaryDirectory() as folder, start_blocking_portal() as portal:
        tenants, app = peopled(worlds.build(Path(folder)))
        store = tenants.world.store
        seen = fullest(stops(app, tenants, portal))
        took: dict[str, list[float]] = {}
        with served(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable(), args=flags())
            for _ in range(ROUNDS):
                took.setdefault("/healthz", []).append(_paint(browser, address, "/healthz"))
                for stop in seen:
                    context = browser.new_context(base_url=address)
                    enter(context, address, store, stop.account_id)
                    page = context.new_page()
                    page.goto(stop.path)
                    took.setdefault(stop.route, []).append(page.evaluate(FIRST_PAINT))
                    context.close()
            browser.close()
        store.close()
    least = median(took.pop("/healthz"))
    slowest = max(took, key=lambda route: median(took[route]))
    return {
        f"pages, each seen {ROUNDS} times": len(took),
        "ms until a few bytes are painted (the least possible)": least,
        "ms until a page is painted, median of all": median(time for times in took.values() for time in times),
        f"ms until {slowest} is painted, the slowest page": median(took[slowest]),
        "ms, the slowest single visit": max(time for times in took.values() for time in times),
    }


def _paint(browser: Browser, address: str, path: str) -> float:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto(path)
    found: float = page.evaluate(FIRST_PAINT)
    context.close()
    return found
