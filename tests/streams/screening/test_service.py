"""The screening port: the same answer as the worker's, stored nowhere."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.leads import Outcome
from models.registry import Registry
from streams.screening import ContextSource, Screener, ScreeningService
from tests.streams.screening.workbench import NOON, WordDetector, listings, prepare


def test_previews_without_storing_and_says_what_would_flip(tmp_path: Path) -> None:
    store = prepare(tmp_path).open_store()
    service = ScreeningService(store, Screener((WordDetector(),)), ContextSource(store.registry), clock=lambda: NOON)
    (hit, miss) = service.preview("local", listings(2))
    assert (hit.outcome, miss.outcome) == (Outcome.LEAD, Outcome.NO_MATCH)
    assert sum(store.screenings.outcomes("local").values()) == 0
    flips = service.what_would_flip(hit)
    assert flips == hit.assessment.flips
    assert "if-seller-authorised" in {flip.condition for flip in flips}
    store.registry.commit("local", Registry(), at=NOON)
    assert service.what_would_flip(hit) == hit.assessment.flips
    with pytest.raises(InputError, match="organisation"):
        service.preview("org-2", listings(1))
    store.close()
