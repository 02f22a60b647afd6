"""What every store keeps of rights holders: places, uploads, who changed a mark and when, checks, answers, records."""

from datetime import timedelta

import pytest

from models.errors import ConflictError, NotFoundError
from models.identity import LOCAL
from models.mark_checks import CheckResult, CheckStanding, Compared, MarkCheck, day_of, standing_of
from models.registry import Mark, Registry
from models.rights import Place, RegistryUpload, UploadKind
from models.storage import SqlStore
from models.verification import (
    Basis,
    Feedback,
    Identification,
    LeadRecord,
    Opinion,
    RecordFile,
    ReferralAnswer,
    TestPurchase,
)
from tests.models.storage.access_contract import AGENT, HOLDER, STRANGER, UNIT, lead_of, power, referral_of
from tests.models.storage.rivals import race
from tests.models.storage.samples import (
    CLOUD_DEER,
    CREAM,
    NOON,
    OTHER,
    QINGCHUAN,
    REGISTRY,
    SHOP,
    at,
    listing,
    official,
    screening,
)

CHECK = MarkCheck(
    mark=QINGCHUAN, compared=(Compared.CERTIFICATE, Compared.STATUS), source="注册证原件", result=CheckResult.AGREES,
    by="li", at=NOON, valid_until=day_of(NOON) + timedelta(days=30),
)  # fmt: skip


def place(holder_id: str = HOLDER.organisation_id, unit_id: str = LOCAL) -> Place:
    return Place(
        unit_id=unit_id, unit_name=UNIT.name, holder_id=holder_id, holder_name=HOLDER.name, given_by="li", given_at=NOON
    )


def upload(upload_id: str = "1" * 32, organisation_id: str = HOLDER.organisation_id) -> RegistryUpload:
    return RegistryUpload(
        organisation_id=organisation_id, upload_id=upload_id, place_id=place().place_id, kind=UploadKind.MARKS,
        file_name="marks.xlsx", sha256="a" * 64, state="s", by="wang", at=NOON,
    )  # fmt: skip


def answer(number: int = 1, *, organisation_id: str = HOLDER.organisation_id, **said: object) -> ReferralAnswer:
    words = said or {"opinion": Opinion.NOT_GENUINE, "words": "喷码不符", "person": "王"}
    return ReferralAnswer.model_validate(
        {
            "organisation_id": organisation_id, "answer_id": f"{number:032x}", "referral_id": f"{1:032x}",
            "unit_id": LOCAL, "holder_id": HOLDER.organisation_id, "by": "wang", "at": at(number), **words,
        }
    )  # fmt: skip


class RightsContract:
    engine: str

    def test_a_place_is_the_holder_s_and_replaced_by_the_same(self, store: SqlStore) -> None:
        store.rights.give_place(place())
        store.rights.give_place(renamed := place().model_copy(update={"holder_name": "晴川日化股份"}))
        store.rights.give_place(place(STRANGER.organisation_id))
        assert store.rights.places(HOLDER.organisation_id) == (renamed,)
        assert len(store.rights.places_of_unit(LOCAL)) == 2
        assert store.rights.places_of_unit(OTHER) == store.rights.places("nobody") == ()

    def test_whoever_a_place_concerns_may_read_it_and_nobody_else(self, store: SqlStore) -> None:
        for organisation in (UNIT, HOLDER, STRANGER, AGENT):
            store.organisations.save(organisation)
        store.rights.give_place(place())
        live = power().model_copy(update={"valid_from": NOON - timedelta(days=9999), "valid_to": at(10**9)})
        for reader, empowered in ((HOLDER, False), (AGENT, True)):
            if empowered:
                store.organisations.empower(live)
            seen = store.acting_for(reader.organisation_id).rights.places(HOLDER.organisation_id)
            assert seen == (place(),), reader.organisation_id
        if self.engine == "postgresql":  # SQLite has no walls: there the callers ask for their own alone
            assert store.acting_for(STRANGER.organisation_id).rights.places(HOLDER.organisation_id) == ()

    def test_an_upload_is_its_organisation_s_and_taken_once(self, store: SqlStore) -> None:
        store.rights.keep_upload(upload())
        assert store.rights.upload(HOLDER.organisation_id, "1" * 32) == upload()
        with pytest.raises(NotFoundError):
            store.rights.upload(STRANGER.organisation_id, "1" * 32)

        def take() -> str:
            try:
                store.rights.take_upload(HOLDER.organisation_id, "1" * 32, at=NOON)
            except ConflictError:
                return "refused"
            return "taken"

        assert sorted(race([take] * 6)) == ["refused"] * 5 + ["taken"]

    def test_a_commit_on_an_older_version_is_refused(self, store: SqlStore) -> None:
        first = store.registry.commit(LOCAL, REGISTRY, at=NOON, expected="")
        smaller = Registry(marks=(QINGCHUAN,))
        with pytest.raises(ConflictError):
            store.registry.commit(LOCAL, smaller, at=NOON, expected="")
        store.registry.commit(LOCAL, smaller, at=at(1), expected=first)
        with pytest.raises(ConflictError):
            store.registry.commit(LOCAL, REGISTRY, at=at(2), expected=first)
        assert store.registry.current(LOCAL).marks == (QINGCHUAN,)

    def test_rivals_on_one_version_make_one_of_it(self, store: SqlStore) -> None:
        version = store.registry.commit(LOCAL, REGISTRY, at=NOON)

        def change(number: int) -> str:
            made = Registry(marks=(*REGISTRY.marks, Mark(mark_id=f"n-{number}", text="新标")))
            try:
                return store.registry.commit(LOCAL, made, at=at(number), expected=version)
            except ConflictError:
                return "refused"

        ended = race([lambda number=number: change(number) for number in range(6)])
        assert ended.count("refused") == 5
        assert len(store.registry.current(LOCAL).marks) == 3

    def test_the_history_of_a_mark_names_who_and_when(self, store: SqlStore) -> None:
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        renamed = QINGCHUAN.model_copy(update={"text": "晴川江"})
        grown = Registry(marks=(renamed, CLOUD_DEER), goods=(CREAM,), authorised=(SHOP,))
        store.registry.commit(LOCAL, grown, at=at(1), by="wang", acting_for="晴川日化")
        cheaper = CREAM.model_copy(update={"specification": "60g"})
        bare = Registry(marks=(renamed, CLOUD_DEER), goods=(cheaper,))
        store.registry.commit(LOCAL, bare, at=at(2), by="xu", acting_for="某知识产权代理")
        store.registry.commit(LOCAL, Registry(marks=(renamed,), goods=(cheaper,)), at=at(3), by="others")
        store.registry.commit(LOCAL, Registry(), at=at(4), by="wang")
        history = store.registry.history(LOCAL, "m-1")
        assert [(each.number, each.by, each.at) for each in history] == [
            (5, "wang", at(4)), (3, "xu", at(2)), (2, "wang", at(1)), (1, "", NOON),
        ]  # fmt: skip
        assert [each.rows.mark.text if each.rows.mark else "" for each in history] == ["", "晴川江", "晴川江", "晴川"]
        assert [len(each.rows.authorised) for each in history] == [0, 0, 1, 1]
        assert history[1].rows.goods == (cheaper,)
        assert history[2].acting_for == "晴川日化"
        assert store.registry.history(LOCAL, "m-9") == store.registry.history(OTHER, "m-1") == ()

    def test_pictures_that_are_dropped_are_gone_and_the_fingerprint_moves(self, store: SqlStore) -> None:
        store.registry.save_reference_pictures(LOCAL, [official(), logo := official("logo.png", "d", goods_id="")])
        before = store.registry.fingerprint(LOCAL)
        store.registry.drop_reference_pictures(LOCAL, [official("nowhere.png", "e")])
        assert store.registry.fingerprint(LOCAL) == before
        store.registry.drop_reference_pictures(OTHER, [official()])
        store.registry.drop_reference_pictures(LOCAL, [official()])
        assert store.registry.reference_pictures(LOCAL) == (logo,)
        assert store.registry.fingerprint(LOCAL) != before

    def test_the_newest_check_of_a_mark_holds(self, store: SqlStore) -> None:
        store.mark_checks.add(CHECK)
        differs = CHECK.model_copy(update={"result": CheckResult.DIFFERS, "at": at(5)})
        store.mark_checks.add(differs)
        store.mark_checks.add(CHECK.model_copy(update={"mark": CLOUD_DEER}))
        store.mark_checks.add(CHECK.model_copy(update={"organisation_id": OTHER}))
        assert store.mark_checks.of_mark(LOCAL, "m-1") == (differs, CHECK)
        newest = store.mark_checks.newest(LOCAL)
        assert (newest["m-1"], newest["m-2"].mark) == (differs, CLOUD_DEER)
        assert standing_of(QINGCHUAN, newest["m-1"], NOON) is CheckStanding.DIFFERS
        assert store.mark_checks.newest("nobody") == {}

    def test_the_listings_screened_last_come_first(self, store: SqlStore) -> None:
        for number in range(5):
            store.screenings.record([screening(listing(number), minutes=number)])
        store.screenings.record([screening(listing(9, OTHER), minutes=9)])
        found = store.screenings.recent_listings(LOCAL, limit=3)
        assert [each.listing_id for each in found] == ["item-4", "item-3", "item-2"]

    def test_answers_are_kept_newest_first(self, store: SqlStore) -> None:
        feedback = answer(3, organisation_id=LOCAL, feedback=Feedback.FILED, words="已立案")
        for each in (answer(1), feedback, answer(2)):
            store.verification.answer(each)
        found = store.verification.answers((f"{1:032x}", f"{2:032x}"))
        assert found == {f"{1:032x}": (feedback, answer(2), answer(1))}

    def test_both_sides_read_what_the_other_wrote(self, store: SqlStore) -> None:
        for organisation in (UNIT, HOLDER, STRANGER, AGENT):
            store.organisations.save(organisation)
        feedback = answer(3, organisation_id=LOCAL, feedback=Feedback.ACCEPTED)
        store.acting_for(HOLDER.organisation_id).verification.answer(answer(1))
        store.acting_for(LOCAL).verification.answer(feedback)
        for reader in (LOCAL, HOLDER.organisation_id):
            seen = store.acting_for(reader).verification.answers((f"{1:032x}",))
            assert seen[f"{1:032x}"] == (feedback, answer(1)), reader
        if self.engine == "postgresql":
            assert store.acting_for(STRANGER.organisation_id).verification.answers((f"{1:032x}",)) == {}

    def test_records_are_numbered_and_belong_to_a_lead_that_is_there(self, store: SqlStore) -> None:
        lead = lead_of(store)
        bought = LeadRecord(
            lead_id=lead.lead_id, purchase=TestPurchase(order_no="DD-1", sealed_sample="F-1"), by="li", at=NOON,
            files=(RecordFile(name="封样.jpg", sha256="b" * 64),),
        )  # fmt: skip
        seen = Identification(
            conclusion=Opinion.NOT_GENUINE, basis=Basis.SAMPLE, item="F-1", holder="晴川日化", person="王"
        )
        identified = LeadRecord(lead_id=lead.lead_id, identification=seen, by="li", at=at(1))
        assert [store.verification.record(each).number for each in (bought, identified)] == [1, 2]
        assert [each.number for each in store.verification.records(LOCAL, lead.lead_id)] == [2, 1]
        assert store.verification.records(OTHER, lead.lead_id) == ()
        with pytest.raises(NotFoundError):
            store.verification.record(bought.model_copy(update={"organisation_id": OTHER}))

    def test_a_referral_keeps_its_deadline(self, store: SqlStore) -> None:
        given = referral_of(lead_of(store)).model_copy(update={"answer_by": at(60)})
        store.referrals.add(given)
        (read,) = store.referrals.received(HOLDER.organisation_id)
        assert read == given
        assert (read.overdue(at(59)), read.overdue(at(61))) == (False, True)
