"""Organisations of every kind in one store, somebody in every role, and a thing of every sort in each: what the matrix
of callers and operations is made of."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models.access import Account
from models.audit import Act, AuditEntry
from models.case_leads import CaseLead, ExportKind, ExportRecord
from models.identity import sha256_of
from models.leads import DeadLetter
from models.moments import now
from models.organisations import ROLES, Organisation, OrganisationKind, PowerOfAttorney, Role, Scope
from models.queue.bulk import Chosen
from models.queue.campaigns import Campaign
from models.queue.keeping import PartyQuery
from models.queue.views import SavedView
from models.referrals import refer
from models.registry import Mark, Registry, row_digest
from models.rights import Place, RegistryUpload, UploadKind
from models.verification import LeadRecord, RecordFile, TestPurchase
from review_api.access.keys import new_key
from tests.review_api.access.correspondence import correspond
from tests.review_api.access.requests import CAMPAIGN
from tests.review_api.evidence import screening
from tests.review_api.registered import REGISTRY
from tests.review_api.scene import START, subjects
from tests.review_api.world import World

UNITS = ("linhai", "qiaonan", "youzheng")


ORGANISATIONS = (
    Organisation(organisation_id="linhai", name="临海市网络交易监管所", regions=("331082",)),
    Organisation(organisation_id="qiaonan", name="桥南区网络交易监管所"),
    Organisation(organisation_id="youzheng", kind=OrganisationKind.POSTAL_SUPERVISION, name="东湖邮政管理局"),
    Organisation(organisation_id="qingchuan", kind=OrganisationKind.RIGHTS_HOLDER, name="晴川茶业有限公司"),
    Organisation(organisation_id="yunduolu", kind=OrganisationKind.RIGHTS_HOLDER, name="云朵鹿儿童用品有限公司"),
    Organisation(organisation_id="zhihe", kind=OrganisationKind.AGENT, name="知禾代理"),
    Organisation(organisation_id="yunjishi", kind=OrganisationKind.PLATFORM, name="云集市"),
)


# The case lead of each unit is of a year of its own, so that no number stands for two.
YEARS = {"linhai": 2021, "qiaonan": 2022, "youzheng": 2023}


# What a holder keeps in a unit's registry.
KEPT_AT_UNITS = {"right", "right_sha", "address", "own_goods", "own_seller"}


@dataclass
class Tenants:
    """The world with everybody in it. `things` are what each organisation has, by sort; `people` and `keys` by the
    organisation and the role."""

    world: World
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[tuple[str, Role], Account] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def canaries(self, organisation_id: str, *, by: str = "") -> set[str]:
        """What must never be read elsewhere: the ids of an organisation's things. A unit holds in its own registry
        what holders keep there."""
        things = self.things[organisation_id]
        if by in UNITS:
            things = {sort: thing for sort, thing in things.items() if sort not in KEPT_AT_UNITS}
        return {thing for sort, thing in things.items() if sort not in {"organisation", "export", "template", "file"}}


def settle(world: World) -> Tenants:
    """Add organisations, people, keys and things to a world."""
    tenants = Tenants(world)
    for organisation in ORGANISATIONS:
        world.store.organisations.save(organisation)
        _admit(tenants, organisation)
    _screen_parcels(world)
    for unit in UNITS:
        _give_things(tenants, unit)
    for holder, number in (("qingchuan", 0), ("yunduolu", 2)):
        _refer(tenants, holder, number)
    at = now()
    world.store.organisations.empower(
        PowerOfAttorney(holder_id="qingchuan", agent_id="zhihe", valid_from=at, valid_to=at + timedelta(days=1))
    )
    tenants.things["zhihe"] = {**tenants.things["qingchuan"], "organisation": "zhihe"}
    tenants.things["zhihe"]["upload"] = _upload(tenants, "zhihe", "qingchuan")
    tenants.things["yunjishi"] = {"organisation": "yunjishi"}
    correspond(tenants.world, tenants.things)
    return tenants


def _admit(tenants: Tenants, organisation: Organisation) -> None:
    organisation_id = organisation.organisation_id
    for role in sorted(ROLES[organisation.kind]):
        account = Account(
            organisation_id=organisation_id,
            account_id=f"account-{organisation_id}-{role}",
            name=f"{role}@{organisation_id}",
            password_hash="none",
            roles=(role,),
        )
        tenants.world.store.accounts.save(account)
        tenants.people[organisation_id, role] = account
    key, secret = new_key(organisation_id, "matrix", tuple(Scope), days=1, by="matrix", at=now())
    tenants.world.store.keys.add(key)
    tenants.keys[organisation_id] = secret


def _screen_parcels(world: World) -> None:
    """The postal unit's side: the same registry, some subjects of its own."""
    world.store.registry.commit("youzheng", REGISTRY, at=START)
    registry = world.store.registry.current("youzheng")
    found = [screening(subject, seen, registry, at=START) for subject, seen in subjects("youzheng")]
    world.store.screenings.record(found)
    world.leads["youzheng"] = [one.subject.key.token for one in found]


def _give_things(tenants: Tenants, unit: str) -> None:
    store, leads = tenants.world.store, tenants.world.leads[unit]
    current = store.registry.current(unit)
    own_mark = Mark(mark_id=f"ONLY-{unit.upper()}", text="青禾渡")
    grown = Registry(marks=(*current.marks, own_mark), goods=current.goods, authorised=current.authorised)
    store.registry.commit(unit, grown, at=START)
    at = datetime(YEARS[unit], 6, 1, tzinfo=UTC)
    case = store.case_leads.register(unit, {leads[3]: 0}, by="matrix", at=at)
    sha256 = tenants.world.objects.put(b"{}")
    number = UNITS.index(unit) + 1  # exports of a case are numbered from 1: each unit's last is its own
    for _ in range(number):
        export = store.case_leads.record_export(unit, _export(case, sha256, at))
    spare, _ = new_key(unit, "spare", (Scope.LEADS_READ,), days=1, by="matrix", at=now())
    store.keys.add(spare)
    colleague = Account(
        organisation_id=unit, account_id=f"colleague-{unit}", name=f"colleague@{unit}", password_hash="none",
        roles=(Role.VIEWER,),
    )  # fmt: skip
    store.accounts.save(colleague)
    told = AuditEntry(organisation_id=unit, at=at, actor=colleague.name, act=Act.SIGNED_IN, about=f"trail of {unit}")
    store.audit.append(told)
    bulk = _act_and_keep(tenants, unit, leads[5])
    tenants.things[unit] = bulk | {
        "organisation": unit,
        "lead": leads[2],
        "twin": leads[6],
        "spare": leads[4],
        "case": case.case_number,
        "export": str(export.number),
        "mark": own_mark.mark_id,
        "account": colleague.account_id,
        "key": spare.key_id,
        "trail": told.about,
    }
    sheet = tenants.world.objects.put(f"%PDF-1.7 of {unit}".encode())
    record = LeadRecord(
        organisation_id=unit, lead_id=leads[2], purchase=TestPurchase(order_no="DD-2026"),
        files=(RecordFile(name="订单.pdf", sha256=sheet),), by="matrix", at=at,
    )  # fmt: skip
    store.verification.record(record)
    tenants.things[unit]["record_sha"] = sheet
    tenants.things[unit]["dead_letter"] = _dead_letter(tenants, unit, at)
    if unit in tenants.world.pictures:
        tenants.things[unit]["sha"] = tenants.world.pictures[unit]


def _dead_letter(tenants: Tenants, unit: str, at: datetime) -> str:
    """A message of a unit that could not be processed."""
    letter = DeadLetter(
        organisation_id=unit, topic="jianzhen.listings", partition=UNITS.index(unit), offset=4711, key=f"key of {unit}",
        payload=f'{{"schema":1,"kind":"listing","organisation_id":"{unit}","subject":{{"phone":"13900001111"}}}}',
        payload_sha256=sha256_of(unit), reason="not a listing message: subject.listing_id: Field required",
        first_seen=at, last_seen=at,
    )  # fmt: skip
    tenants.world.store.screenings.record([], [letter])
    return f"{letter.topic}:{letter.partition}:{letter.offset}"


def _act_and_keep(tenants: Tenants, unit: str, lead_id: str) -> dict[str, str]:
    """An act on leads, a view, a campaign and a party of a unit. They are the officer's, so that somebody may."""
    store, at = tenants.world.store, now()
    officer = tenants.people[unit, Role.OFFICER]
    act = store.bulk.dismiss(
        unit, [Chosen(lead_id=lead_id, revision=0)], reason="duplicate", by=officer.name, at=at,
        undo_until=at + timedelta(days=1),
    )  # fmt: skip
    number = UNITS.index(unit) + 1
    view = SavedView(
        organisation_id=unit, view_id=f"{number:032x}", owner=officer.account_id, name="共享", shared=True, saved_at=at
    )
    store.views.save(view)
    campaign = Campaign(organisation_id=unit, campaign_id=f"{number + 16:032x}", changed_at=at, **CAMPAIGN)
    store.campaigns.save(unit, campaign)
    party = store.parties.find(unit, PartyQuery(waiting=False)).parties[-1].party_key
    return {"bulk": act.act_id, "view": view.view_id, "campaign": campaign.campaign_id, "party": party}


def _export(case: CaseLead, sha256: str, at: datetime) -> ExportRecord:
    """A file that was handed out."""
    return ExportRecord(
        organisation_id=case.organisation_id, case_number=case.case_number, kind=ExportKind.JSON, version=1,
        dossier_digest=case.dossier_digest, sha256=sha256, size=1, receiver="", by="matrix", at=at,
    )  # fmt: skip


def _refer(tenants: Tenants, holder: str, number: int) -> None:
    """What a holder has been handed by the first unit."""
    store = tenants.world.store
    lead = store.leads.get("linhai", tenants.world.leads["linhai"][number])
    registry = store.registry.at_version("linhai", lead.screening.registry_version)
    referral_id = f"{number + 1:032x}"
    referral = refer(
        lead, registry, store.organisations.get(holder), unit=store.organisations.get("linhai"),
        referral_id=referral_id, by="matrix", at=now(),
    )  # fmt: skip
    store.referrals.add(referral)
    place = Place(
        unit_id="linhai", unit_name="临海", holder_id=holder, holder_name=store.organisations.get(holder).name,
        given_by="matrix", given_at=now(),
    )  # fmt: skip
    store.rights.give_place(place)
    tenants.things[holder] = {"organisation": holder, "referral": referral_id, **_right(tenants, holder, number)}
    tenants.things[holder]["upload"] = _upload(tenants, holder, holder)
    if tenants.things["linhai"]["lead"] == lead.lead_id:
        tenants.things["linhai"]["given"] = referral_id


def _right(tenants: Tenants, holder: str, number: int) -> dict[str, str]:
    """A holder's mark, with goods and a seller under it, and one official picture."""
    registry = tenants.world.store.registry.current("linhai")
    mark_id = ("QC-30", "", "YDL-25")[number]
    sellers = registry.authorised_by_mark.get(mark_id, ())
    pictures = tenants.world.store.registry.reference_pictures("linhai")
    picture = next(each for each in pictures if each.mark_id == mark_id)
    return {
        "right": mark_id,
        "right_sha": picture.reading.content_sha256 or "",
        "address": picture.reading.address,
        "own_goods": registry.goods_by_mark[mark_id][0].goods_id,
        "own_seller": row_digest(sellers[0]) if sellers else "",
        "template": "marks.xlsx",
    }


def _upload(tenants: Tenants, organisation_id: str, holder: str) -> str:
    """A file that somebody of an organisation has previewed."""
    upload_id = sha256_of([organisation_id, "upload"])[:32]
    tenants.world.store.rights.keep_upload(
        RegistryUpload(
            organisation_id=organisation_id, upload_id=upload_id, place_id=f"linhai:{holder}", kind=UploadKind.MARKS,
            file_name="marks.csv", sha256=tenants.world.objects.put("mark_id,text\nN-9,新标\n".encode()), state="stale",
            by="matrix", at=now(),
        )
    )  # fmt: skip
    return upload_id
