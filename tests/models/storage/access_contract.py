"""What every store of access keeps: organisations, people's roles, machine keys, the audit trail, referrals."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.access import Account
from models.audit import NOBODY, Act, AuditEntry
from models.errors import ConflictError, NotFoundError
from models.identity import LOCAL
from models.leads import Lead
from models.organisations import MachineKey, Organisation, OrganisationKind, PowerOfAttorney, Role, Scope
from models.referrals import Referral, refer
from models.storage import SqlStore, StoreSettings
from models.storage.engine import migrating, open_engine
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, REGISTRY, at, finding, listing, screening

UNIT = Organisation(organisation_id=LOCAL, name="临海市监管所", regions=("331082",))
HOLDER = Organisation(organisation_id="qingchuan", kind=OrganisationKind.RIGHTS_HOLDER, name="晴川日化")
STRANGER = Organisation(organisation_id="yunduolu", kind=OrganisationKind.RIGHTS_HOLDER, name="云朵鹿服饰")
AGENT = Organisation(organisation_id="agent", kind=OrganisationKind.AGENT, name="某知识产权代理")
LI = Account(organisation_id=LOCAL, account_id="a-1", name="li", roles=(Role.VIEWER, Role.AUDITOR), password_hash="x")


def key(number: int = 1, organisation_id: str = LOCAL) -> MachineKey:
    return MachineKey(
        organisation_id=organisation_id,
        key_id=f"{number:032x}",
        name="报表",
        key_hash=f"{number:064x}",
        scopes=(Scope.LEADS_READ,),
        created_by="li",
        created_at=at(number),
        expires_at=at(number) + timedelta(days=1),
    )


def entry(number: int = 1, organisation_id: str = LOCAL, act: Act = Act.DECIDED) -> AuditEntry:
    return AuditEntry(organisation_id=organisation_id, at=at(number), actor="li", act=act, about=f"lead {number}")


def power(mark_ids: tuple[str, ...] = (), *, until: float = 60) -> PowerOfAttorney:
    return PowerOfAttorney(
        holder_id=HOLDER.organisation_id, agent_id=AGENT.organisation_id, mark_ids=mark_ids, valid_from=NOON,
        valid_to=at(until),
    )  # fmt: skip


def lead_of(store: SqlStore, organisation_id: str = LOCAL) -> Lead:
    subject = listing(1, organisation_id)
    one = screening(subject, finding(subject), flagged=True)
    store.screenings.record([one])
    return store.leads.get(organisation_id, one.subject.key.token)


def referral_of(lead: Lead, holder: Organisation = HOLDER, *, number: int = 1, minutes: float = 5) -> Referral:
    return refer(lead, REGISTRY, holder, unit=UNIT, referral_id=f"{number:032x}", by="li", at=at(minutes))


class AccessContract:
    def test_roles_and_closing_are_kept(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        assert store.accounts.by_name("li") == LI
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(600))
        store.accounts.save(LI.model_copy(update={"active": False}))
        assert store.accounts.session("t-1", at=NOON) is None
        store.accounts.save(LI)
        assert store.accounts.session("t-1", at=NOON) is None, "a closed account's sessions do not come back"

    def test_an_identity_names_one_account(self, store: SqlStore) -> None:
        named = LI.model_copy(update={"identity": "https://id.example 7"})
        store.accounts.save(named)
        store.accounts.save(named)
        assert store.accounts.by_identity("https://id.example 7") == named
        assert store.accounts.by_identity("https://id.example 8") is None
        other = LI.model_copy(update={"account_id": "a-2", "name": "wu", "identity": "https://id.example 7"})
        with pytest.raises(ConflictError):
            store.accounts.save(other)

    def test_people_are_listed_for_their_organisation_alone(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        store.accounts.save(LI.model_copy(update={"organisation_id": OTHER, "account_id": "a-2", "name": "wu"}))
        assert store.accounts.all(LOCAL) == (LI,)
        with pytest.raises(NotFoundError):
            store.accounts.get(LOCAL, "a-2")

    def test_an_idle_session_is_over(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(600))
        for minutes in (20, 40, 60):
            now = at(minutes)
            assert store.accounts.session("t-1", at=now, idle_since=now - timedelta(minutes=30)) == LI
        now = at(91)
        assert store.accounts.session("t-1", at=now, idle_since=now - timedelta(minutes=30)) is None
        assert store.accounts.session("t-1", at=now, idle_since=now - timedelta(minutes=35)) == LI

    def test_a_use_within_the_minute_writes_nothing(self, store: SqlStore, contents: Contents) -> None:
        store.accounts.save(LI)
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(600))
        before = contents()
        store.accounts.session("t-1", at=at(0.9), idle_since=NOON)
        assert contents() == before

    def test_attempts_are_counted_by_all_together(self, store: SqlStore) -> None:
        counts = race([lambda: store.accounts.count_attempt("n", at=NOON, since=at(-10), limit=5)] * 8)
        assert sorted(counts) == [1, 2, 3, 4, 5, 6, 6, 6]
        assert store.accounts.count_attempt("other", at=NOON, since=at(-10), limit=5) == 1

    def test_trying_on_makes_nobody_wait_longer(self, store: SqlStore) -> None:
        def attempt(minutes: float) -> int:
            return store.accounts.count_attempt("n", at=at(minutes), since=at(minutes - 10), limit=2)

        assert [attempt(minutes) for minutes in (0, 1, 5, 10.5, 11.5)] == [1, 2, 3, 3, 1]

    def test_attempts_are_forgotten(self, store: SqlStore) -> None:
        for _ in range(3):
            store.accounts.count_attempt("n", at=NOON, since=at(-10), limit=5)
        store.acting_for(LOCAL).accounts.forget_attempts("n")
        assert store.accounts.count_attempt("n", at=NOON, since=at(-10), limit=5) == 1

    def test_an_organisation_keeps_its_kind(self, store: SqlStore) -> None:
        store.organisations.save(UNIT)
        renamed = UNIT.model_copy(update={"name": "临海市市场监督管理局", "regions": ()})
        store.organisations.save(renamed)
        assert store.organisations.get(LOCAL) == renamed
        with pytest.raises(ConflictError):
            store.organisations.save(UNIT.model_copy(update={"kind": OrganisationKind.PLATFORM}))
        with pytest.raises(NotFoundError):
            store.organisations.get("nobody")

    def test_holders_are_found_by_the_name_on_their_marks(self, store: SqlStore) -> None:
        for organisation in (UNIT, HOLDER, STRANGER, AGENT):
            store.organisations.save(organisation)
        bound = store.acting_for(LOCAL).organisations
        assert bound.holders_named(["晴川日化", "无此权利人", UNIT.name]) == (HOLDER,)
        assert bound.holders_named([]) == ()

    def test_keys_are_listed_newest_first_and_revoked_once(self, store: SqlStore) -> None:
        for each in (key(1), key(2), key(3, OTHER)):
            store.keys.add(each)
        assert [each.key_id for each in store.keys.all(LOCAL)] == [key(2).key_id, key(1).key_id]
        assert store.keys.by_hash(key(1).key_hash) == key(1)
        assert store.keys.by_hash("unknown") is None
        revoked = store.keys.revoke(LOCAL, key(1).key_id, at=at(5))
        assert revoked == store.keys.revoke(LOCAL, key(1).key_id, at=at(9))
        assert not revoked.live(at(6))
        with pytest.raises(NotFoundError):
            store.keys.revoke(LOCAL, key(3).key_id, at=NOON)
        assert key(3, OTHER) == store.keys.by_hash(key(3).key_hash)

    def test_the_trail_is_numbered_without_gaps(self, store: SqlStore) -> None:
        numbers = race([lambda: store.audit.append(entry())] * 6)
        assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
        assert store.audit.append(entry(7, OTHER)) == 1
        assert store.audit.append(entry(8, act=Act.EXPORTED)) == 7
        assert [each.number for each in store.audit.entries(LOCAL, limit=3)] == [7, 6, 5]
        assert [each.number for each in store.audit.entries(LOCAL, before=3)] == [2, 1]
        assert [each.entry.act for each in store.audit.entries(LOCAL, act=Act.EXPORTED)] == [Act.EXPORTED]
        assert [each.entry for each in store.audit.entries(OTHER)] == [entry(7, OTHER)]
        assert store.audit.entries(NOBODY) == ()

    @pytest.mark.parametrize("change", ["UPDATE audit_trail SET actor = 'nobody'", "DELETE FROM audit_trail"])
    def test_the_trail_refuses_changes_even_of_the_owner(
        self, store: SqlStore, settings: StoreSettings, contents: Contents, change: str
    ) -> None:
        store.audit.append(entry())
        before = contents()
        engine = open_engine(settings)
        with pytest.raises(DBAPIError, match="only grows"), migrating(engine) as connection:
            connection.execute(text(change))
        engine.dispose()
        assert contents() == before

    def test_a_holder_receives_its_part_once(self, store: SqlStore) -> None:
        lead = lead_of(store)
        first = referral_of(lead)
        store.referrals.add(first)
        with pytest.raises(ConflictError):
            store.referrals.add(referral_of(lead, number=2))
        assert store.referrals.of_lead(LOCAL, lead.lead_id) == (first,)
        assert store.referrals.received(HOLDER.organisation_id) == (first,)
        assert store.referrals.received(STRANGER.organisation_id) == ()
        with pytest.raises(NotFoundError):
            store.referrals.of_lead(OTHER, lead.lead_id)

    def test_what_was_handed_over_stays_received_newest_first(self, store: SqlStore) -> None:
        lead = lead_of(store)
        newer = referral_of(lead.model_copy(update={"revision": 1}), number=2, minutes=9)
        first = referral_of(lead)
        store.referrals.add(first)
        store.referrals.add(newer)
        assert store.referrals.received(HOLDER.organisation_id) == (newer, first)
        assert len(store.referrals.of_lead(LOCAL, lead.lead_id)) == 2

    def test_an_agent_receives_while_and_as_far_as_its_power_reaches(self, store: SqlStore) -> None:
        for organisation in (UNIT, HOLDER, AGENT):
            store.organisations.save(organisation)
        referral = referral_of(lead_of(store))
        store.referrals.add(referral)

        def received(minutes: float) -> tuple[Referral, ...]:
            return store.referrals.received_by_agent(AGENT.organisation_id, at=at(minutes))

        assert received(10) == ()
        store.organisations.empower(power())
        assert received(10) == (referral,)
        assert received(60) == ()
        store.organisations.empower(power(("m-2",)))
        assert received(10) == ()
        store.organisations.empower(power(("m-1",)))
        assert received(10) == (referral,)
        with pytest.raises(ConflictError):
            store.organisations.empower(power().model_copy(update={"holder_id": LOCAL}))

    def test_words_for_people_say_what_to_do(self, store: SqlStore) -> None:
        with pytest.raises(NotFoundError) as caught:
            store.organisations.get("nobody")
        assert re.search("organisation add", str(caught.value))
