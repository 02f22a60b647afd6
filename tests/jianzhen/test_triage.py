"""`jianzhen triage` on a store: points, outcomes, learning, comparing and grouping, from the command to the files."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from detectors.triage import assess, rules
from jianzhen.rules_files import load_rules
from models.errors import ConfigurationError
from models.findings import Evidence, Finding, signed
from models.identity import LOCAL, screening_key
from models.leads import Decision, Disposition, Screening
from models.policy import CaseOutcome
from models.registry import Mark, Registry
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.subjects import Listing, Seller
from tests.jianzhen.command_line import Inside

AT = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="晴川"),))
TOLD = {"counterfeit-wording": 16.0, "price-far-below": 0.0, "similar-shape": 14.0, "second-hand": -8.0}


@pytest.fixture
def store(jianzhen: Inside) -> Iterator[SqlStore]:
    settings = StoreSettings(url=f"sqlite:///{jianzhen.folder}/.jianzhen/jianzhen.sqlite")
    migrate(settings)
    opened = open_store(settings)
    opened.registry.commit(LOCAL, REGISTRY, at=AT)
    yield opened
    opened.close()


def screening(number: int, version: str, strengths: dict[str, float]) -> Screening:
    listing = Listing(
        listing_id=f"{number}", platform="集市", title=f"晴川 第{number}款", seller=Seller(name=f"店{number % 41}")
    )
    findings: list[Finding] = [
        signed(
            Evidence(
                fact=fact,
                stance=rules().facts[fact].stance,
                score=strength,
                field="title",
                mark_id="M1",
                params=(("goods_relation", "same"), ("nearness", "similar")),
            ),
            listing,
            detector="trademark",
            version="1",
        )
        for fact, strength in strengths.items()
    ]
    assessment = assess(findings, REGISTRY, AT, listing)
    return Screening(
        screening_key=screening_key(listing.observation_id, "r", "c"),
        observation_id=listing.observation_id,
        subject=listing,
        registry_version=version,
        rules_version="r",
        context_version="c",
        assessment=assessment.model_copy(update={"flagged": True}),
        findings=tuple(findings),
        screened_at=AT,
    )


def settle(store: SqlStore, count: int) -> None:
    """Leads with verdicts by weights that are not the table's: dismissed, or in a case that was filed."""
    chance = random.Random(3)
    version = store.registry.current(LOCAL).version
    leads = [
        screening(
            number,
            version,
            {fact: round(chance.random(), 3) for fact in TOLD if chance.random() < 0.6} or {"similar-shape": 0.3},
        )
        for number in range(count)
    ]
    store.screenings.record(leads)
    filed = {
        each.subject.key.token: 0
        for each in leads
        if sum(TOLD[finding.fact] * finding.score for finding in each.findings) + chance.gauss(0, 1) > 8
    }
    for place, each in enumerate(leads):
        if each.subject.key.token not in filed:
            decision = Decision(
                disposition=Disposition.DISMISSED,
                reason="second-hand",
                decided_by="li",
                decided_at=AT + timedelta(minutes=place),
            )
            store.leads.decide(LOCAL, each.subject.key.token, decision, revision=0)
    case = store.case_leads.register(LOCAL, filed, by="li", at=AT)
    outcome = CaseOutcome(case_number=case.case_number, filed=True, decided_by="wang", decided_at=AT)
    store.triage.record_outcome(LOCAL, outcome)


def test_weights_are_learned_into_a_proposal_and_nothing_is_switched_on(jianzhen: Inside, store: SqlStore) -> None:
    pytest.importorskip("sklearn", reason="the extra `learn` is not installed")
    settle(store, 320)
    ran = jianzhen("triage", "fit", "--out", "proposal")
    assert ran.code == 0, ran.said
    assert "nothing was switched on" in ran.err
    report = json.loads((jianzhen.folder / "proposal" / "report.json").read_text("utf-8"))
    assert report["verdicts"] == 320
    assert report["improves"] is True
    assert report["learned"]["brier"] < report["in_use"]["brier"]
    assert sum(each["leads"] for each in report["learned"]["bins"]) == 320
    proposed = load_rules(str(jianzhen.folder / "proposal" / "fitted.toml"))
    assert proposed.version == report["new_version"] != rules().version == report["rules_version"]
    assert proposed.facts["counterfeit-wording"].weight > rules().facts["counterfeit-wording"].weight
    for fact, rule in proposed.facts.items():
        assert rule.weight * rules().facts[fact].weight >= 0
    with Image.open(jianzhen.folder / "proposal" / "reliability.png") as picture:
        assert picture.size == (480, 480)

    compared = jianzhen("triage", "compare", "--rules", "proposal/fitted.toml", "--reason", "每季复核")
    assert compared.code == 0, compared.said
    ((number, kept),) = store.triage.comparisons(LOCAL)
    assert (number, kept.new_version, kept.note) == (1, proposed.version, "每季复核")
    assert kept.subjects == kept.leads == 320
    assert kept.lost_count > 0
    assert "将减少 / lost" in compared.out


def test_few_verdicts_are_refused_with_what_is_needed(jianzhen: Inside, store: SqlStore) -> None:
    pytest.importorskip("sklearn", reason="the extra `learn` is not installed")
    settle(store, 60)
    ran = jianzhen("triage", "fit")
    assert ran.code == 2
    assert "结案样本不足" in ran.err
    assert "200" in ran.err
    assert not (jianzhen.folder / "triage-proposal").exists()


def test_a_point_is_set_with_its_reason_and_shown_with_its_history(jianzhen: Inside, store: SqlStore) -> None:
    assert jianzhen("triage", "point", "--kind", "listing", "--score", "12.5", "--reason", "人手不足").code == 0
    assert store.triage.points(LOCAL) == {"listing": 12.5}
    shown = jianzhen("triage", "point")
    assert "12.5" in shown.out
    assert "人手不足" in shown.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kind", "listing", "--score", "12"),
        ("--kind", "shop", "--score", "12", "--reason", "r"),
        ("--kind", "listing", "--reason", "r"),
        ("--kind", "listing", "--score", "nan", "--reason", "r"),
    ],
)
def test_a_point_needs_its_kind_score_and_reason(jianzhen: Inside, store: SqlStore, arguments: tuple[str, ...]) -> None:
    ran = jianzhen("triage", "point", *arguments)
    assert ran.code == 2
    assert store.triage.points_set(LOCAL) == ()


def test_outcomes_are_recorded_for_cases_that_exist(jianzhen: Inside, store: SqlStore) -> None:
    version = store.registry.current(LOCAL).version
    lead = screening(1, version, {"similar-shape": 0.9})
    store.screenings.record([lead])
    number = store.case_leads.register(LOCAL, {lead.subject.key.token: 0}, by="li", at=AT).case_number
    assert jianzhen("triage", "outcome", number, "--filed", "--reason", "证据充分").code == 0
    (told,) = store.triage.outcomes(LOCAL, number)
    assert (told.filed, told.reason) == (True, "证据充分")
    assert jianzhen("triage", "outcome", "2026-99999", "--filed").code == 2


def test_groups_are_proposed_anew(jianzhen: Inside, store: SqlStore) -> None:
    ran = jianzhen("triage", "regroup")
    assert ran.code == 0
    assert "关联线索组" in ran.out


def test_rules_come_from_a_file_or_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[price-below]\nweight = 3\n", "utf-8")
    assert load_rules("").version == rules().version
    assert load_rules(str(tmp_path)).facts["price-below"].weight == 3
    assert load_rules(str(tmp_path)).version == load_rules(str(tmp_path / "a.toml")).version


@pytest.mark.parametrize(
    ("name", "content"), [("none.toml", None), ("bytes.toml", b"\xff\xfe\x00"), ("x.toml", b"[a\n")]
)
def test_rules_that_cannot_be_read_are_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=name):
        load_rules(str(tmp_path / name))


def test_an_empty_folder_of_rules_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no"):
        load_rules(str(tmp_path))


def test_a_scan_is_weighed_by_the_rules_that_a_setting_names(jianzhen: Inside) -> None:
    jianzhen.write("jianzhen.toml", '[triage]\nrules = "own.toml"\n')
    jianzhen.write("own.toml", "[no-such-fact]\nweight = 1\n")
    jianzhen.write("marks.csv", "mark_id,text\nM1,晴川\n")
    jianzhen.write("listings.jsonl", '{"listing_id":"1","platform":"p","title":"晴川","price":1,"currency":"CNY"}\n')
    arguments = ("scan", "--marks", "marks.csv", "--listings", "listings.jsonl", "--out", "leads.jsonl")
    ran = jianzhen(*arguments)
    assert ran.code == 3
    assert "no-such-fact" in ran.err
    jianzhen.write("own.toml", "[identical-mark]\nweight = 30\n")
    assert jianzhen(*arguments).code == 0
    assert jianzhen.lines("leads.jsonl")[0]["flagged"] is True
