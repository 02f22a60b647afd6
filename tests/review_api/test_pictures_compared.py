"""Pictures compared on the console: a lead's pairs with what fits drawn on, and the search with a picture."""

import re
from pathlib import Path

import httpx

from models.scoring_ports import ScreeningPort
from tests.review_api import drawings
from tests.review_api.conftest import Caller
from tests.review_api.world import World

PNG = drawings.png(drawings.tin())


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def search(caller: Caller, data: bytes, **query: str) -> httpx.Response:
    token = token_of(caller.get("/registry/pictures").text)
    return caller.post(
        "/registry/pictures", data={"csrf_token": token}, files={"file": ("a.png", data, "image/png")}, params=query
    )


def test_a_lead_shows_both_pictures_with_points_and_holder(world: World, officer: Caller) -> None:
    pages = [officer.get(f"/leads/{lead_id}?lang=zh").text for lead_id in world.leads["linhai"]]
    compared = [page for page in pages if 'class="copy-pair"' in page]
    assert compared
    for page in compared:
        assert "图片比对" in page
        assert "权利人 " in page
        assert page.count('class="copy-point') >= 2 * 4  # the same number on either side
        assert 'class="copy-frame"' in page


def test_the_form_finds_the_nearest_with_holder_distance_and_points(officer: Caller) -> None:
    page = search(officer, PNG, lang="zh")
    assert page.status_code == 200
    assert "最接近的 4 项" in page.text
    assert page.text.index("疑似同一画面") < page.text.index("2. <a")
    assert page.text.count('class="copy-point') == 4
    assert "相差 20 位" in page.text
    assert "侵权" not in page.text
    assert "img-src 'self' data:" in page.headers["content-security-policy"]
    assert "data:image/png;base64," in page.text


def test_what_is_no_picture_is_said_and_nothing_is_carried(officer: Caller) -> None:
    page = search(officer, b"<script>alert(1)</script>", lang="en")
    assert page.status_code == 422
    assert "not a picture" in page.text
    assert "data:" not in page.text


def test_nothing_of_the_picture_is_kept(world: World, officer: Caller, tmp_path: Path) -> None:
    import hashlib

    fresh = drawings.png(drawings.tin(backdrop="#123456"))
    assert search(officer, fresh).status_code == 200
    assert not world.objects.has(hashlib.sha256(fresh).hexdigest())


def test_other_pages_may_not_carry_pictures(officer: Caller) -> None:
    assert "data:" not in officer.get("/registry/pictures").headers["content-security-policy"]


def test_a_form_without_its_picture_is_refused(officer: Caller) -> None:
    assert officer.post("/registry/pictures", data={"csrf_token": "x"}).status_code == 422


def test_the_port_of_the_tests_is_a_screening_port(world: World) -> None:
    port: ScreeningPort = world.port
    assert port.search_pictures("linhai", b"x", top=3).found == ()
