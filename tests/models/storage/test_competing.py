"""On PostgreSQL nobody who asks for any lead, or any key of the outbox, waits for another's open transaction.

Every taker keeps its transaction open until all of them have what they asked for: where one waits for another, the
meeting never comes about and the test fails. The controls are the same takers without SKIP LOCKED, and a relay that
passes over rows instead of keys.
"""

from collections.abc import Callable, Iterator
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Connection, Engine, select, text

from models.identity import LOCAL
from models.leads import Disposition
from models.ports import LeadQuery
from models.storage import SqlStore, StoreSettings, outbox
from models.storage.engine import open_engine, writing
from models.storage.leads import change_dispositions
from models.storage.queue import claims, standing
from models.storage.traffic_tables import outbox as table
from tests.models.storage.leads_contract import decision
from tests.models.storage.queue_scene import claim, recorded
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, at, letter, suspicious

pytestmark = pytest.mark.postgres

TAKERS = 50
OPEN = LeadQuery(disposition=Disposition.OPEN, order="value", unheld=True, at=NOON)
Taking = Callable[[Connection, str], set[str]]


class OnPostgres:
    engine = "postgresql"

    @pytest.fixture
    def many(self, settings: StoreSettings) -> Iterator[Engine]:
        """As many connections as there are takers; whoever waits for a lock is told after a while."""
        opened = open_engine(settings.model_copy(update={"pool_size": TAKERS}))
        yield opened
        opened.dispose()


def together(engine: Engine, taking: Taking, *, takers: int, patience_s: float) -> list[set[str] | Exception]:
    """What each took, all transactions being open at the same moment."""
    met = Barrier(takers)

    def act(who: str) -> set[str]:
        with writing(engine) as connection:
            connection.execute(text("SET LOCAL lock_timeout = '20s'"))
            taken = taking(connection, who)
            met.wait(patience_s)
            return taken

    return race([lambda who=f"taker-{number}": act(who) for number in range(takers)])


def next_lead(*, skipping: bool) -> Taking:
    def take(connection: Connection, who: str) -> set[str]:
        taken = claims.take_next(connection, LOCAL, OPEN, claim("", who), limit=1, skipping=skipping)
        return {each.lead_id for each in taken}

    return take


class TestNextLeads(OnPostgres):
    def test_fifty_takers_get_fifty_leads_and_none_waits(self, store: SqlStore, many: Engine) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(TAKERS)))
        answers = together(many, next_lead(skipping=True), takers=TAKERS, patience_s=30)
        taken = [lead_id for answer in answers if isinstance(answer, set) for lead_id in answer]
        assert sorted(taken) == sorted(ids), [each for each in answers if isinstance(each, Exception)]
        held = store.claims.of_leads(LOCAL, ids, at=NOON)
        assert len({each.holder for each in held.values()}) == TAKERS

    def test_takers_who_wait_for_each_other_are_caught(self, store: SqlStore, many: Engine) -> None:
        """Negative control: the same takers with a plain FOR UPDATE."""
        recorded(store, *(suspicious(number) for number in range(4)))
        answers = together(many, next_lead(skipping=False), takers=4, patience_s=1)
        assert any(isinstance(answer, BrokenBarrierError) for answer in answers), answers

    def test_what_is_just_decided_or_claimed_by_name_is_passed_over(self, store: SqlStore, many: Engine) -> None:
        recorded(store, *(suspicious(number) for number in range(3)))
        first, second, third = (each.lead_id for each in store.leads.find(LOCAL, OPEN).leads)
        dismissed = decision(Disposition.DISMISSED)
        with writing(many) as deciding, writing(many) as naming, standing.kept(deciding, LOCAL, [first], at=NOON):
            change_dispositions(deciding, LOCAL, {first: 0}, dismissed)
            claims.require_lead(naming, LOCAL, second, None, held=True)
            assert claims.take(naming, claim(second, "wu"))
            with writing(many) as taking:
                taking.execute(text("SET LOCAL lock_timeout = '2s'"))
                assert next_lead(skipping=True)(taking, "li") == {third}
        assert store.claims.claim_next(LOCAL, OPEN, claim("", "li")) == ()

    def test_a_lead_that_was_free_when_it_was_looked_for_is_not_taken_twice(
        self, store: SqlStore, many: Engine
    ) -> None:
        """Its row was not changed by whoever took it, so that locking it tells nothing: taking has to."""
        (lead_id,) = recorded(store, suspicious(1))
        with writing(many) as late:
            assert store.claims.claim(LOCAL, claim(lead_id, "wu")).holder == "wu"
            assert not claims.take(late, claim(lead_id, "li"), renewing=False)
            assert not claims.take(late, claim(lead_id, "wu"), renewing=False), "nor by the same officer, twice"


def relay(*, skipping: bool) -> Taking:
    def take(connection: Connection, who: str) -> set[str]:
        found = outbox.claimed(connection, by=who, at=NOON, until=at(5), limit=2, skipping=skipping)
        return {f"{each.key} {each.number}" for each in found}

    return take


def careless(connection: Connection, who: str) -> set[str]:
    """Passes over locked rows, whatever their key."""
    free = select(table.c.message_key, table.c.number).where(table.c.sent_at.is_(None), table.c.claimed_by == "")
    rows = connection.execute(free.order_by(table.c.number).limit(2).with_for_update(skip_locked=True)).all()
    return {f"{row.message_key} {row.number}" for row in rows}


def keys_of(answers: list[set[str] | Exception]) -> list[set[str]]:
    return [{name.split()[0] for name in answer} for answer in answers if isinstance(answer, set)]


class TestRelays(OnPostgres):
    def test_relays_take_other_keys_and_none_waits(self, store: SqlStore, many: Engine) -> None:
        store.screenings.record([], [letter(n, key=f"key-{n % 8}") for n in range(24)])
        answers = together(many, relay(skipping=True), takers=4, patience_s=30)
        keys = keys_of(answers)
        assert [len(each) for each in keys] == [2, 2, 2, 2], answers
        assert len(set().union(*keys)) == 8, "no key is with two relays"

    def test_relays_who_wait_for_each_other_are_caught(self, store: SqlStore, many: Engine) -> None:
        store.screenings.record([], [letter(n, key=f"key-{n % 8}") for n in range(24)])
        answers = together(many, relay(skipping=False), takers=4, patience_s=1)
        assert any(isinstance(answer, BrokenBarrierError) for answer in answers), answers

    def test_a_relay_that_passes_over_rows_overtakes_and_is_caught(self, store: SqlStore, many: Engine) -> None:
        store.screenings.record([], [letter(n, key="one") for n in range(4)])
        assert keys_of(together(many, careless, takers=2, patience_s=30)) == [{"one"}, {"one"}]
        rightly = together(many, relay(skipping=True), takers=2, patience_s=30)
        assert sorted(map(len, keys_of(rightly))) == [0, 1]

    def test_a_key_is_not_taken_on_from_where_it_was_looked_at(self, store: SqlStore, many: Engine) -> None:
        """Between looking and locking another relay took, sent and marked the first row: the key has moved on."""
        store.screenings.record([], [letter(n, key="one") for n in range(3)])
        with writing(many) as connection:
            (first, *_) = outbox.claimed(connection, by="one", at=NOON, until=at(5), limit=1)
        with writing(many) as connection:
            assert outbox.claimed(connection, by="two", at=at(1), until=at(6), limit=5) == ()
        store.outbox.mark_sent((first,), at=at(1))
        with writing(many) as connection:
            rest = outbox.claimed(connection, by="two", at=at(1), until=at(6), limit=5)
        assert [each.number for each in rest] == [first.number + 1, first.number + 2]
