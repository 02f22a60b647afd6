"""The console: its words, its pages with JavaScript off, and what officers do on them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from models.subjects import Listing
from review_api.console.formats import money, points, short
from review_api.console.marking import stretches
from review_api.console.texts import Texts
from review_api.console.views import lead_view
from review_api.decisions import join_reason, split_reason
from tests.review_api.conftest import Caller
from tests.review_api.evidence import fact
from tests.review_api.scene import subjects
from tests.review_api.test_sign_in import form_token
from tests.review_api.world import World

# Words that pass a verdict. A machine's result is suspected information; only the name of a law article may say more.
VERDICTS = re.compile("侵权|假货|冒牌|counterfeit|infring", re.IGNORECASE)


class Page(HTMLParser):
    """Enough of a page to check it: open elements, ids, labelled fields, forms with their tokens."""

    VOID = frozenset({"meta", "link", "img", "input", "br", "path", "rect", "circle", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "html":
            self.language = given["lang"]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self.forms.append({"method": given.get("method", "get"), "action": given.get("action", "")})
        if tag == "input" and given.get("name") == "csrf_token":
            self.forms[-1]["token"] = given["value"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag, f"</{tag}> closes something else"


def every_page(world: World, officer: Caller) -> Iterator[tuple[str, str]]:
    """The path and text of every page in both languages, after one case lead was registered."""
    leads = world.leads["linhai"]
    number = officer.post("/api/v1/case-leads", json={"leads": {leads[0]: 0, leads[-1]: 0}}).json()["case_number"]
    dismissed = {"disposition": "dismissed", "reason_code": "other", "reason": "<b>同名</b>", "revision": 0}
    officer.post(f"/api/v1/leads/{leads[1]}/decisions", json=dismissed)
    paths = ["/leads", "/leads?disposition=all&order=newest", "/leads?text=nothing-like-it", "/registry?text=zzz",
             *(f"/leads/{lead}" for lead in leads), "/registry", "/registry/marks/QC-30", "/registry/marks/BLQ-3",
             f"/case-leads/new?lead={leads[2]}&lead={leads[3]}&lead={leads[0]}", "/case-leads/new", "/case-leads",
             f"/case-leads/{number}", "/nowhere", "/leads/" + "0" * 32]  # fmt: skip
    for path in paths:
        for language in ("zh", "en"):
            answer = officer.get(path, headers={"cookie": cookies(officer, language)})
            assert answer.status_code == (404 if path in {"/nowhere", "/leads/" + "0" * 32} else 200), path
            yield f"{path} {language}", answer.text


def cookies(caller: Caller, language: str) -> str:
    kept = "; ".join(f"{name}={value}" for name, value in caller.cookies.items())
    return f"{kept}; jianzhen-language={language}"


def test_every_page_is_sound_in_both_languages_and_passes_no_verdict(world: World, officer: Caller) -> None:
    seen = 0
    for name, text in every_page(world, officer):
        page = Page(text)
        assert page.open == [], name
        assert len(page.ids) == len(set(page.ids)), name
        assert page.language == ("zh-CN" if name.endswith("zh") else "en"), name
        assert all("token" in form for form in page.forms if form["method"] == "post"), name
        assert not VERDICTS.search(text), (name, VERDICTS.search(text))
        assert "<b>同名</b>" not in text, name
        seen += 1
    assert seen >= 40


def test_the_language_switch_is_remembered(officer: Caller) -> None:
    assert "<h1>疑似信息</h1>" in officer.get("/leads").text
    switched = officer.get("/leads?kind=parcel&lang=en")
    assert "<h1>Leads</h1>" in switched.text
    assert 'href="/leads?kind=parcel&amp;lang=zh"' in switched.text
    assert "<h1>Leads</h1>" in officer.get("/leads").text
    assert "<h1>疑似信息</h1>" in officer.get("/leads?lang=zh").text
    assert "<h1>疑似信息</h1>" in officer.get("/leads?lang=fr").text


def test_light_or_dark_is_remembered(officer: Caller) -> None:
    night = "/static/styles/dark.css"
    assert 'media="screen and (prefers-color-scheme: dark)"' in officer.get("/leads").text
    dark = officer.get("/leads?kind=parcel&theme=dark").text
    assert re.search(rf'{night}\?\w+" media="screen"', dark)
    assert 'href="/leads?kind=parcel&amp;theme=light"' in dark
    assert re.search(rf'{night}\?\w+" media="screen"', officer.get("/registry").text)
    assert night not in officer.get("/leads?theme=light").text
    assert night not in officer.get("/leads").text
    assert "prefers-color-scheme" in officer.get("/leads?theme=system").text
    assert "prefers-color-scheme" in officer.get("/leads?theme=sepia").text


def test_the_queue_shows_what_the_filters_ask_for(officer: Caller) -> None:
    everything = officer.get("/leads").text
    assert everything.count('class="subject-title"') == 8
    assert everything.index("KESTRELL0 Ala") < everything.index("晴川明前绿茶特级礼盒")
    one = officer.get("/leads?mark=YDL-25&cell=similar-mark/same-goods&minimum=20&detector=price&platform=好物街").text
    assert one.count('class="subject-title"') == 1
    assert "云朶鹿" in one
    assert officer.get("/leads?minimum=abc&cell=none&disposition=x&after=").status_code == 200
    assert officer.get("/leads?after=nonsense").status_code == 422
    assert "&lt;script&gt;" in officer.get("/leads?text=<script>").text


def test_a_lead_s_page_marks_what_was_found(officer: Caller, world: World) -> None:
    tea = officer.get(f"/leads/{world.leads['linhai'][0]}").text
    assert "<mark>睛川</mark> 明前绿茶" in tea
    assert tea.count(f"/api/v1/pictures/{world.pictures['linhai']}") >= 2
    assert "占参照价" in tea
    assert "15%" in tea
    parcel = officer.get(f"/leads/{world.leads['linhai'][-1]}").text
    assert "台州转运中心" in parcel
    assert "未执行" in parcel
    assert "睛川 明前绿茶" in parcel
    disputed = officer.get(f"/leads/{world.leads['linhai'][5]}").text
    assert "不得据此对外移送" in disputed


def test_an_officer_decides_with_forms_alone(officer: Caller, world: World) -> None:
    lead = world.leads["linhai"][2]
    page = officer.get(f"/leads/{lead}").text
    token = form_token(page)
    base = {"csrf_token": token, "revision": "0"}
    officer.csrf = ""
    asked = officer.post(
        f"/leads/{lead}/decision", data={**base, "disposition": "more-information", "reason": "缺实拍图"}
    )
    assert asked.headers["location"].startswith(f"/leads/{lead}?disposition=open")
    assert "缺实拍图" in officer.get(f"/leads/{lead}").text
    stale = officer.post(
        f"/leads/{lead}/decision", data={**base, "disposition": "dismissed", "reason_code": "duplicate"}
    )
    assert stale.status_code == 409
    assert "现为第 1 次修订，页面上是第 0 次" in stale.text
    assert f'href="/leads/{lead}"' in stale.text
    base["revision"] = "1"
    bare = officer.post(f"/leads/{lead}/decision", data={**base, "disposition": "dismissed", "reason_code": ""})
    assert bare.status_code == 422
    done = officer.post(
        f"/leads/{lead}/decision", data={**base, "disposition": "dismissed", "reason_code": "price-explained"}
    )
    assert done.status_code == 303
    assert "价格有合理解释" in officer.get(f"/leads/{lead}").text
    base["revision"] = "2"
    assert officer.post(f"/leads/{lead}/decision", data={**base, "disposition": "open"}).status_code == 303


def test_accepting_needs_the_counter_reasons_checked(officer: Caller, world: World) -> None:
    one, two, three = (world.leads["linhai"][number] for number in (0, 4, 2))
    confirm = officer.get(f"/case-leads/new?lead={two}&lead={one}").text
    assert confirm.index("表明可能为二手或翻新商品") < confirm.index("疑点 3 项")
    data = {"csrf_token": form_token(confirm), "lead": [f"{one}:0", f"{two}:0"], "note": "同一货源"}
    assert officer.post("/case-leads", data=data).status_code == 422
    made = officer.post("/case-leads", data={**data, "checked": "yes"})
    assert made.status_code == 303
    dossier = officer.get(made.headers["location"]).text
    assert "同一货源" in dossier
    assert "<mark>睛川</mark>" in dossier
    single = officer.post(f"/leads/{three}/acceptance", data={**data, "revision": "0", "checked": "yes"})
    assert single.status_code == 303
    assert officer.get(f"/leads/{three}").text.count(single.headers["location"]) >= 1
    listed = officer.get("/case-leads").text
    assert listed.index(single.headers["location"]) < listed.index(made.headers["location"])
    workbook = officer.get(f"{single.headers['location']}/dossier.xlsx")
    assert workbook.content.startswith(b"PK")


def test_frames_scripts_and_caches_are_held_off(officer: Caller) -> None:
    headers = officer.get("/leads").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "immutable" in officer.get("/static/console.css?x").headers["cache-control"]
    assert officer.get("/static/../app.py").status_code == 404


def test_spans_are_merged_and_kept_inside() -> None:
    listing, evidence = subjects("linhai")[3]
    assert isinstance(listing, Listing)
    from tests.review_api.evidence import screening
    from tests.review_api.registered import REGISTRY
    from tests.review_api.scene import START

    more = [*evidence, ("trademark", fact("identical-mark", mark="KES-18", span=(5, 900), params={"nearness": "same"}))]
    findings = screening(listing, more, REGISTRY, at=START).findings
    pieces = stretches(listing.title, findings, "title")
    assert "".join(piece.text for piece in pieces) == listing.title
    assert [piece.marked for piece in pieces] == [True]
    assert stretches(listing.title, findings, "description") == ((listing.title, False),)
    assert lead_view is not None


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [("59.90", "CNY", "¥59.90"), ("398", "CNY", "¥398"), ("1234.5", "USD", "US$1,234.50"), ("0.005", "CNY", "¥0.005"),
     ("12", "THB", "THB 12"), ("", "CNY", ""), (None, None, "")],
)  # fmt: skip
def test_money_reads_like_money(amount: str | None, currency: str | None, shown: str) -> None:
    assert money(amount, currency) == shown


def test_long_tokens_are_shown_by_their_beginning() -> None:
    assert [short("L210"), short("ab" * 32)] == ["L210", "abababababab…"]


def test_points_have_a_real_minus() -> None:
    assert [points(value) for value in (1.5, -1.5, 0.001)] == ["+1.50", "\u22121.50", "0"]


@pytest.mark.parametrize(
    ("code", "text"), [("other", "a: b"), ("duplicate", ""), ("own-0123456789ab", "x"), ("", "缺图"), ("", "x: y")]
)
def test_reasons_come_apart_as_they_were_joined(code: str, text: str) -> None:
    assert split_reason(join_reason(code, text)) == (code, text)


def test_texts_name_what_is_missing() -> None:
    with pytest.raises(Exception, match=r"no text 'nothing\.here'"):
        Texts("zh")("nothing.here")


def test_a_lead_leads_back_to_the_place_it_was_opened_from(officer: Caller, world: World) -> None:
    queue = officer.get("/leads?kind=listing&order=newest&text=%22%3E%3Cb%3E").text
    assert "<b>" not in queue
    queue = officer.get("/leads?kind=listing&order=newest").text
    lead = world.leads["linhai"][0]
    place = "disposition=open&amp;kind=listing&amp;order=newest"
    assert f'href="/leads/{lead}?{place}"' in queue
    page = officer.get(f"/leads/{lead}?kind=listing&order=newest&after=&next=//elsewhere.example").text
    assert f'href="/leads?{place}"' in page
    assert f'action="/leads/{lead}/decision?{place}"' in page
    data = {"csrf_token": officer.csrf, "revision": "0", "disposition": "more-information", "reason": "x"}
    done = officer.post(f"/leads/{lead}/decision?kind=listing&order=newest", data=data)
    assert done.headers["location"] == f"/leads/{lead}?{place.replace('&amp;', '&')}"


def test_what_a_lead_does_not_have_is_a_dash(officer: Caller) -> None:
    queue = officer.get("/leads?kind=parcel").text
    assert queue.count('class="nothing"') >= 4  # mark, cell, price, seller
    assert 'loading="lazy"' not in queue  # what is seen at once is loaded at once
