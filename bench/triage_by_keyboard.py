"""Fifty leads triaged by the keyboard alone, in a real headless Chromium: how long and how many keys a decision takes.

A script decides as an officer would who follows the counter-reasons: leads that are about authorised, second-hand or
accessory goods, or that little speaks for, are dismissed with the reason that fits; the others are accepted after the
counter-reasons were opened; some are undone and decided again. It presses keys and reads the page; it never points.
What a person thinks is not in these times: they are what the desk costs beside thinking.

    python -m bench.triage_by_keyboard [--shots FOLDER]
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from models.findings import Stance
from models.leads import Disposition
from models.moments import now
from models.organisations import Role
from models.ports import LeadQuery
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.evidence import screening
from tests.review_api.scene import subjects
from tests.review_api.serving import enter, served
from tests.review_api.world import World
from tests.servers.browser import executable, flags

if TYPE_CHECKING:
    from playwright.sync_api import Page

LEADS = 50
UNDONE = 5  # every so many-th dismissal is undone and decided again
# What speaks against a lead, and the reason that an officer gives then.
REASONS = {"second-hand": "second-hand", "nominative-use": "referential-use", "plain-resale": "authorised"}
UNIT = "linhai"


@dataclass
class Desk:
    """A page, with what was pressed on it."""

    page: "Page"
    pressed: int = 0
    decisions: list[tuple[str, float, int]] = field(default_factory=list)
    changed: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.triage_by_keyboard", description=__doc__)
    parser.add_argument("--shots", type=Path, help="a folder for pictures of the queue before and after")
    shots = parser.parse_args().shots
    with tempfile.TemporaryDirectory() as folder:
        world = stocked(Path(folder))
        officer = world.accounts[UNIT].model_copy(update={"roles": (Role.OFFICER,)})
        world.store.accounts.save(officer)
        app = create_app(world.store, world.objects, world.port, ReviewSettings())
        with served(app) as address:
            desk = triage(world, address, officer.account_id, shots)
        tell(world, desk)
        world.store.close()


def stocked(folder: Path) -> World:
    """The demonstration's kinds of leads, several of each, so that there are fifty."""
    world = worlds.build(folder)
    registry = world.store.registry.current(UNIT)
    kinds = subjects(UNIT)
    made = []
    for number in range(LEADS - len(kinds)):
        subject, seen = kinds[number % (len(kinds) - 1)]  # listings; the last kind is a parcel
        own = subject.model_copy(update={"listing_id": f"more-{number}"})
        made.append(screening(own, seen, registry, at=now()))
    world.store.screenings.record(made)
    return world


def triage(world: World, address: str, account_id: str, shots: Path | None) -> Desk:
    """From the queue on, until nothing is open."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=flags())
        context = browser.new_context(base_url=address, viewport={"width": 1360, "height": 900})
        enter(context, address, world.store, account_id)
        desk = Desk(context.new_page())
        desk.page.goto("/leads?grouped=no")
        if shots:
            desk.page.screenshot(path=shots / "queue-before.png", full_page=True)
        desk.press("j", "Enter")
        for number in range(LEADS):
            desk.page.wait_for_selector("[data-lead-page]")
            decide(world, desk, number)
        desk.page.goto("/leads?grouped=no")
        if shots:
            desk.page.screenshot(path=shots / "queue-after.png", full_page=True)
        browser.close()
    return desk


def decide(world: World, desk: Desk, number: int) -> None:
    """One decision, from the page being there until the next one is."""
    lead_id = desk.page.url.split("/leads/")[1][:32]
    started, pressed = perf_counter(), desk.pressed
    code = reason_for(world, lead_id)
    if code:
        dismiss(desk, code)
        if number % UNDONE == 0:
            following(desk, lambda: desk.press("u"))
            desk.page.goto(f"/leads/{lead_id}")
            desk.changed += 1
            dismiss(desk, code)
    else:
        desk.press("a", "Space")
        following(desk, lambda: desk.press("Enter"))
    told = "dismissed" if code else "accepted"
    desk.decisions.append((told, perf_counter() - started, desk.pressed - pressed))


def dismiss(desk: Desk, code: str) -> None:
    """`d`, then the key that stands before the reason."""
    desk.press("d")
    key = desk.page.locator(f'#dismiss-dialog input[value="{code}"]').get_attribute("data-key")
    following(desk, lambda: desk.press(key or ""))


def following(desk: Desk, act: Callable[[], None]) -> None:
    """Do it, and wait until the page that follows is there."""
    with desk.page.expect_navigation(wait_until="domcontentloaded"):
        act()


def reason_for(world: World, lead_id: str) -> str:
    """What an officer who follows the counter-reasons dismisses for; nothing for what is accepted. A mark that is not
    in force yields no case lead."""
    lead = world.store.leads.get(UNIT, lead_id)
    if not lead.screening.assessment.exportable:
        return "mark-not-in-force"
    against = [each.fact for each in lead.screening.findings if each.stance is Stance.AGAINST]
    return next((REASONS[fact] for fact in against if fact in REASONS), "")


def tell(world: World, desk: Desk) -> None:
    """The figures, and that the store agrees with them."""
    left = world.store.leads.find(UNIT, LeadQuery(disposition=Disposition.OPEN)).total
    load = " ".join(f"{each:.2f}" for each in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load average {load}")
    print(f"{len(desk.decisions)} decisions, {left} leads left open, {desk.changed} undone and decided again")
    for told in ("accepted", "dismissed"):
        of_kind = [each for each in desk.decisions if each[0] == told]
        if of_kind:
            seconds, keys = median(each[1] for each in of_kind), median(each[2] for each in of_kind)
            print(f"  {told}: {len(of_kind)}, median {seconds:.2f} s and {keys:.0f} keystrokes a decision")
    seconds, keys = median(each[1] for each in desk.decisions), median(each[2] for each in desk.decisions)
    print(f"  all: median {seconds:.2f} s and {keys:.0f} keystrokes a decision, {desk.pressed} keystrokes in all")


if __name__ == "__main__":
    main()
