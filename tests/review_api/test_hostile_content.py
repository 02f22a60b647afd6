"""What sellers write is shown as they wrote it and does nothing: in every page, both languages, and both exports."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook

from models.subjects import Listing, Seller
from tests.review_api.conftest import Caller
from tests.review_api.evidence import screening
from tests.review_api.registered import REGISTRY
from tests.review_api.scene import START, subjects
from tests.review_api.world import World

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-' onmouseover=alert(1) ",
    "</textarea></title></style><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "\u202emoc.elpmaxe\u2066\u200f\u2028",
    '=HYPERLINK("http://x")',
    "&lt;b&gt;" + "长" * 5000,
    "a\x00b\x08",
)
ADDRESSES = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    " JaVaScRiPt:alert(1)",
    "//elsewhere.example/x",
    'http://x" onclick="alert(1)',
)


class Parts(HTMLParser):
    """What a browser would act on: tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def poisoned(number: int, payload: str) -> Listing:
    subject = next(each for each, _ in subjects("linhai") if isinstance(each, Listing))
    address = ADDRESSES[number % len(ADDRESSES)]
    return subject.model_copy(
        update={
            "listing_id": f"hostile-{number}",
            "platform": payload[:120],
            "title": payload,
            "brand": payload,
            "category": payload,
            "description": payload,
            "url": address,
            "images": (address, payload),
            "seller": Seller(id=payload, name=payload, location=payload),
            "attributes": {payload: payload},
        }
    )


@pytest.fixture
def leads(world: World) -> list[str]:
    """Flagged leads of hostile listings, with hostile evidence."""
    _, evidence = subjects("linhai")[0]
    made = [
        screening(
            poisoned(number, payload),
            [(detector, replace(each, subject_value=payload)) for detector, each in evidence],
            world.store.registry.current("linhai") or REGISTRY,
            at=START,
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    world.store.screenings.record(made)
    return [each.subject.key.token for each in made]


def is_harmless(page: str) -> None:
    for tag, attributes in Parts(page).tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag not in ("iframe", "object", "embed", "style"), tag
        if tag == "script":
            assert attributes.get("src", "").startswith("/static/")
        if tag == "img":
            assert attributes["src"].startswith(("/static/", "/api/v1/pictures/"))
        for name in ("href", "action", "src", "formaction"):
            target = urlsplit(attributes.get(name, "").strip())
            assert target.scheme in ("", "http", "https"), (tag, attributes)
            if target.netloc and name == "href":
                assert attributes.get("rel", "").startswith("noreferrer noopener"), (tag, attributes)
    assert "49{%" not in page


def test_no_page_acts_on_what_sellers_wrote(officer: Caller, leads: list[str]) -> None:
    chosen = "&".join(f"lead={lead}" for lead in leads)
    paths = ["/leads?disposition=all", f"/case-leads/new?{chosen}", *(f"/leads/{lead}" for lead in leads)]
    for language in ("zh", "en"):
        for path in paths:
            answer = officer.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
            assert answer.status_code == 200, path
            is_harmless(answer.text)
            assert "default-src 'self'" in answer.headers["content-security-policy"]
    data = {"csrf_token": officer.csrf, "lead": [f"{lead}:0" for lead in leads], "checked": "yes", "note": PAYLOADS[0]}
    case = officer.post("/case-leads", data=data).headers["location"]
    for path in (case, "/case-leads"):
        page = officer.get(path)
        assert page.status_code == 200
        is_harmless(page.text)
    book = load_workbook(io.BytesIO(officer.get(f"{case}/dossier.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(cell.value == PAYLOADS[6] for cell in cells)
    exported = officer.get(f"{case}/dossier.json")
    assert re.fullmatch(r'attachment; filename="[\w.-]+"', exported.headers["content-disposition"])
    assert exported.json()["dossier"]["leads"]


def test_a_page_that_lets_markup_through_is_caught() -> None:
    """Negative control for `is_harmless`."""
    for page in (
        *PAYLOADS[:2],
        PAYLOADS[3],
        '<a href="javascript:alert(1)">x</a>',
        '<a href="//elsewhere.example">x</a>',
    ):
        with pytest.raises((AssertionError, KeyError)):
            is_harmless(page)
