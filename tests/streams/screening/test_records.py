"""Public records and shops: published as a whole, merged file by file, taken up by contexts, on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from detectors.behaviour import SHOPS, BehaviourDetector, ShopTable
from detectors.wording import shipped_rules, with_own
from models.errors import InputError
from models.identity import LOCAL
from models.public_records import RECORDS, NumberRecord, PublicRecords, records_from_bytes, records_to_bytes
from models.registry import Operator, Penalty
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.subjects import Listing, Seller
from streams.screening import ContextSource, Screener
from streams.screening.market import publish_peers
from streams.screening.observations import observe
from streams.screening.records import (
    PublishedSnapshots,
    publish_records,
    standing_records,
)
from tests.streams.screening.workbench import NOON

CODE = "91350100M000100Y43"
FIRM = Operator(uscc=CODE, name="晴川日化有限公司", permits=("食品", "化妆品"), status="存续")
FINE = Penalty(uscc=CODE, case_no="市监罚〔2025〕1号", ground="假冒注册商标", amount=Decimal("20000.50"))
NUMBER = NumberRecord(kind="patent", number="ZL201710601862.3", holder="晴川日化有限公司", product="护手霜")
ROWS = {"operators": (FIRM,), "penalties": (FINE,), "numbers": (NUMBER,)}


class RecordsContract:
    engine: str

    @pytest.fixture
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
        served = self.engine == "postgresql"
        url = request.getfixturevalue("postgres_url") if served else f"sqlite:///{tmp_path}/store.sqlite"
        settings = StoreSettings(url=url)
        migrate(settings)
        opened = open_store(settings)
        yield opened
        opened.close()

    def test_what_was_published_stands_and_a_file_replaces_its_own_rows_alone(self, store: SqlStore) -> None:
        assert standing_records(store.market, LOCAL) == PublicRecords()
        whole = publish_records(store.market, LOCAL, ROWS, at=NOON)
        assert standing_records(store.market, LOCAL) == whole == PublicRecords(**ROWS)
        other = Operator(uscc=CODE, name="晴川日化（集团）有限公司")
        changed = publish_records(store.market, LOCAL, {"operators": (other,)}, at=NOON + timedelta(hours=1))
        assert (changed.operators, changed.penalties, changed.numbers) == ((other,), (FINE,), (NUMBER,))
        emptied = publish_records(store.market, LOCAL, {"penalties": ()}, at=NOON + timedelta(hours=2))
        assert (emptied.operators, emptied.penalties) == ((other,), ())

    def test_the_same_rows_again_change_nothing(self, store: SqlStore) -> None:
        publish_records(store.market, LOCAL, ROWS, at=NOON)
        first = store.market.published(LOCAL, RECORDS)
        publish_records(store.market, LOCAL, ROWS, at=NOON + timedelta(days=1))
        assert store.market.published(LOCAL, RECORDS) == first

    def test_another_organisation_sees_nothing_of_it(self, store: SqlStore) -> None:
        publish_records(store.market, LOCAL, ROWS, at=NOON)
        assert standing_records(store.market, "harbour") == PublicRecords()
        source = ContextSource(store.registry, market=PublishedSnapshots(store.market), clock=lambda: NOON)
        assert RECORDS not in source.current("harbour").snapshots

    def test_a_context_takes_new_records_and_shops_up(self, store: SqlStore) -> None:
        source = ContextSource(store.registry, market=PublishedSnapshots(store.market), clock=lambda: NOON)
        before = source.current(LOCAL)
        assert {RECORDS, SHOPS}.isdisjoint(before.snapshots)
        publish_records(store.market, LOCAL, ROWS, at=NOON)
        with_records = source.current(LOCAL)
        assert with_records.snapshot(RECORDS, PublicRecords) == PublicRecords(**ROWS)
        subject = Listing(
            listing_id="1",
            platform="集市",
            title="毛巾",
            price=Decimal(9),
            currency="CNY",
            captured_at=NOON,
            seller=Seller(id="s1", uscc=CODE),
        )
        screener = Screener([BehaviourDetector()])
        observed = observe(LOCAL, [subject], store.screenings)
        (screening,) = screener.screen(observed, with_records, at=NOON)
        assert [finding.fact for finding in screening.findings] == ["operator-confirmed", "earlier-penalty"]
        store.screenings.record([screening])
        publish_peers(store, LOCAL, at=NOON + timedelta(hours=1))
        after = source.current(LOCAL)
        shop = after.snapshot(SHOPS, ShopTable).of(subject)
        assert shop is not None
        assert shop.listings == 1
        assert len({before.version, with_records.version, after.version}) == 3
        assert source.current(LOCAL) is after


class TestSqlite(RecordsContract):
    engine = "sqlite"


@pytest.mark.postgres
class TestPostgresql(RecordsContract):
    engine = "postgresql"


def test_rows_survive_being_written_whatever_their_order() -> None:
    more = tuple(Operator(uscc=CODE, name=f"晴川{number}") for number in range(5))
    forward, back = PublicRecords(operators=more), PublicRecords(operators=more[::-1])
    assert records_to_bytes(forward) == records_to_bytes(back)
    assert records_from_bytes(records_to_bytes(forward)).version == forward.version
    whole = PublicRecords(**ROWS)
    assert records_from_bytes(records_to_bytes(whole)) == whole
    for damaged in (b"", b"{}", b"[1]", b'{"operators": [{"name": "x"}], "penalties": [], "numbers": []}'):
        with pytest.raises(InputError, match="public records"):
            records_from_bytes(damaged)


def test_own_wording_rules_come_with_every_context(tmp_path: Path) -> None:
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    migrate(settings)
    store = open_store(settings)
    own = with_own({"own.toml": '[denial]\nadjacent = ["绝无"]\n'})
    source = ContextSource(store.registry, market=PublishedSnapshots(store.market, wording=own), clock=lambda: NOON)
    assert source.current(LOCAL).snapshots["wording"].version == own.version != shipped_rules().version
    store.close()
