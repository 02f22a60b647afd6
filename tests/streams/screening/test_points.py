"""An organisation's own operating points: they hold from the next batch on, for workers and for the console alike."""

from pathlib import Path

from detectors.triage import rules
from models.findings import Observation
from models.policy import OperatingPoint
from streams.screening import ContextSource, Screener, ScreeningService
from streams.screening.points import PointedContexts
from tests.streams.screening.workbench import NOON, WordDetector, listings, prepare


def point(value: float) -> OperatingPoint:
    return OperatingPoint(kind="listing", point=value, reason="busy week", decided_by="li", decided_at=NOON)


def test_a_point_that_was_set_holds_from_the_next_batch_on(tmp_path: Path) -> None:
    store = prepare(tmp_path).open_store()
    contexts = PointedContexts(store.registry, triage=store.triage, clock=lambda: NOON)
    screener = Screener((WordDetector(),))
    service = ScreeningService(store, screener, contexts, clock=lambda: NOON)
    usual = contexts.current("local")
    assert usual.version == ContextSource(store.registry, clock=lambda: NOON).current("local").version
    found = screener.screen([Observation(each) for each in listings(40)], usual, at=NOON)
    hit = next(each for each in found if each.assessment.flagged)
    assert any(flip.flagged is False for flip in service.what_would_flip(hit))

    store.triage.set_point("local", point(hit.assessment.score + 1))
    strict = contexts.current("local")
    assert strict.version != usual.version
    assert contexts.current("local") is strict
    assert contexts.current("elsewhere").version != strict.version
    (again,) = screener.screen([Observation(hit.subject)], strict, at=NOON)
    assert not again.assessment.flagged
    assert again.assessment.score == hit.assessment.score
    assert again.screening_key != hit.screening_key
    assert not any(flip.flagged for flip in service.what_would_flip(hit))

    store.triage.set_point("local", point(rules().operating_point("listing")))
    assert screener.screen([Observation(hit.subject)], contexts.current("local"), at=NOON)[0].assessment.flagged


def test_other_rules_are_another_version() -> None:
    heavier = rules().model_copy(update={"version": "other"})
    assert Screener((WordDetector(),), heavier).rules_version != Screener((WordDetector(),)).rules_version
    assert Screener((WordDetector(),), rules()).rules_version == Screener((WordDetector(),)).rules_version
