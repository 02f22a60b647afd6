"""Organisations of every kind in one store, somebody in every role, and a thing of every sort in each: what the matrix
of callers and operations is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from models.access import Account
from models.audit import Act, AuditEntry
from models.case_leads import CaseLead, ExportKind, ExportRecord
from models.identity import sha256_of
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
from tests.review_api.world import REGISTRY, START, World, screening, subjects

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
# What each path's name stands for among an organisation's things.
NAMES = {
    "lead_id": "lead",
    "case_number": "case",
    "mark_id": "mark",
    "content_sha256": "sha",
    "account_id": "account",
    "key_id": "key",
    "referral_id": "referral",
    "number": "export",
    "act_id": "bulk",
    "view_id": "view",
    "campaign_id": "campaign",
    "party_key": "party",
    "batch_id": "batch",
    "letter_id": "letter",
    "document": "document",
    "sha256": "answers",
    "kind": "file",
    "own_mark": "right",
    "right_sha256": "right_sha",
    "upload_id": "upload",
    "template_name": "template",
    "record_sha256": "record_sha",
}
MISSING = {
    "lead": "0" * 32, "twin": "f" * 32, "case": "1999-00001", "mark": "NO-SUCH", "sha": "0" * 64,
    "account": "no-account", "key": "0" * 32, "referral": "0" * 32,
    "export": "999", "bulk": "0" * 32, "view": "0" * 32, "campaign": "0" * 32, "party": "0" * 32, "spare": "e" * 32,
    "batch": "TZ19990101-ZZZZZZZZ", "letter": "TZ19990101-ZZZZZZZZ", "document": "0" * 64,
    "answers": "0" * 64, "statement": "0" * 32, "file": "csv",
    "right": "NO-SUCH", "right_sha": "0" * 64, "upload": "0" * 32, "template": "none.xlsx",
    "record_sha": "0" * 64, "address": "none", "given": "0" * 32, "own_goods": "none", "own_seller": "none",
}  # fmt: skip
# The case lead of each unit is of a year of its own, so that no number stands for two.
YEARS = {"linhai": 2021, "qiaonan": 2022, "youzheng": 2023}

# A file of answers that fits no letter, so that looking at it is refused in words.
ANSWERS = "批次号,商品ID,处理结果\r\n无,无,已签收\r\n".encode()
DECISION: dict[str, Any] = {"disposition": "dismissed", "reason_code": "duplicate", "revision": 0}
FORM: dict[str, Any] = {"disposition": "dismissed", "reason_code": "duplicate", "revision": "0"}
STATEMENT = {"by_whom": "店主", "given_on": "2026-03-02", "form": "oral", "words": "系正品转售。"}
CAMPAIGN = {"name": "春茶行动", "starts_on": "2026-03-01", "ends_on": "2026-04-01"}
# What is sent with a change; names in braces are the things of whoever it is about.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/session": {"json": {"name": "nobody", "password": "wrong password"}},
    "POST /api/v1/leads/{lead_id}/decisions": {"json": DECISION},
    "POST /api/v1/leads/{lead_id}/group/split": {"json": {}},
    "POST /api/v1/leads/{lead_id}/group/merge": {"json": {"other": "{twin}"}},
    "POST /api/v1/leads/{lead_id}/referrals": {"json": {"holder_id": "yunduolu"}},
    "POST /api/v1/leads/{lead_id}/assignment": {"json": {"officer": "officer@{organisation}"}},
    "POST /api/v1/leads/{lead_id}/statements": {"json": STATEMENT},
    "POST /api/v1/bulk-acts": {
        "json": {"act": "dismiss", "leads": [{"lead_id": "{twin}", "revision": 0}], "reason_code": "duplicate"}
    },
    "POST /api/v1/views": {"json": {"name": "本区", "filters": "order=value"}},
    "PUT /api/v1/capacity": {"json": {"leads": 30}},
    "POST /api/v1/campaigns": {"json": CAMPAIGN},
    "PUT /api/v1/campaigns/{campaign_id}": {"json": {**CAMPAIGN, "revision": 1}},
    "GET /api/v1/search": {"params": {"q": "晴川"}},
    "POST /api/v1/case-leads": {"json": {"leads": {"{lead}": 0}}},
    "POST /api/v1/case-leads/{case_number}/outcomes": {"json": {"filed": True}},
    "POST /api/v1/case-leads/{case_number}/moves": {"json": {"act": "verify", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/amendments": {"json": {"reason": "补记", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/split": {"json": {"leads": ["{lead}"], "reason": "分", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/merge": {"json": {"others": {"{case}": 0}, "reason": "合", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/exports": {"json": {"kind": "json"}},
    "PUT /api/v1/batches/{batch_id}": {"json": {"body": {"kind": "notice", "platform": "云集市"}, "revision": 0}},
    "POST /api/v1/batches": {"json": {"kind": "notice", "platform": "某平台"}},
    "POST /api/v1/batches/{batch_id}/checks": {
        "json": {"checked": [{"doubt_id": "check-resale", "words": "已核对"}], "revision": 0}
    },
    "POST /api/v1/batches/{batch_id}/signature": {"json": {"name": "王", "revision": 0}},
    "POST /api/v1/batches/{batch_id}/sending": {"json": {"revision": 0}},
    "POST /api/v1/batches/{batch_id}/withdrawal": {"json": {"reason": "误发", "revision": 0}},
    "POST /api/v1/letters/{letter_id}/answer-files": {"files": {"file": ("a.csv", ANSWERS)}},
    "POST /api/v1/letters/{letter_id}/answers": {"json": {"sha256": "{answers}", "revision": 1}},
    "POST /api/v1/letters/{letter_id}/rows": {
        "json": {"answer": {"item_id": "73003", "state": "received"}, "revision": 1}
    },
    "POST /api/v1/letters/{letter_id}/statements": {
        "json": {
            "statement": {"item_id": "73001", "words": "系正品", "reached_at": "2026-03-20T09:00:00+08:00"},
            "revision": 1,
        }
    },
    "POST /api/v1/letters/{letter_id}/replies": {
        "json": {"reply": {"statement_id": "{statement}", "kind": "sued", "reference": "1"}, "revision": 1}
    },
    "POST /api/v1/letters/{letter_id}/delays": {
        "json": {"delay": {"statement_id": "{statement}", "words": "公证"}, "revision": 1}
    },
    "POST /api/v1/dismissal-reasons": {"json": {"zh": "试用理由"}},
    "POST /api/v1/preview": {"json": {}},
    "POST /api/v1/triage/points": {"json": {"kind": "listing", "point": 9, "reason": "试行"}},
    "PUT /api/v1/registry": {"json": {"marks": []}, "headers": {"If-Match": '"stale"'}},
    "PATCH /api/v1/registry": {"json": {"marks": []}, "headers": {"If-Match": '"stale"'}},
    "POST /api/v1/people": {"json": {"name": "新人", "roles": ["viewer"]}},
    "PATCH /api/v1/people/{account_id}": {"json": {"roles": ["viewer"]}},
    "POST /api/v1/keys": {"json": {"name": "报表", "scopes": ["leads:read"]}},
    "POST /leads/{lead_id}/decision": {"data": FORM},
    "POST /leads/{lead_id}/acceptance": {"data": {"revision": "0", "checked": "yes"}},
    "POST /leads/{lead_id}/group/split": {"data": {}},
    "POST /leads/{lead_id}/group/merge": {"data": {"other": "{twin}"}},
    "POST /leads/{lead_id}/referral": {"data": {"holder": "yunduolu"}},
    "POST /leads/{lead_id}/assignment": {"data": {"officer": "officer@{organisation}"}},
    "POST /leads/{lead_id}/statements": {"data": {**STATEMENT, "revision": "0"}},
    "POST /leads/bulk": {"data": {"act": "dismiss", "lead": "{spare}:0:1", "reason_code": "duplicate"}},
    "POST /leads/chosen": {"data": {"lead": "0" * 32 + ":0:1"}},
    "POST /leads/views": {"data": {"name": "本区"}},
    "POST /leads/capacity": {"data": {"leads": "30"}},
    "POST /campaigns": {"data": CAMPAIGN},
    "POST /campaigns/{campaign_id}": {"data": {**CAMPAIGN, "revision": "1"}},
    "GET /case-leads/new": {"params": {"lead": "{lead}"}},
    "POST /case-leads": {"data": {"lead": "{lead}:0", "checked": "yes"}},
    "POST /case-leads/{case_number}/outcome": {"data": {"filed": "yes"}},
    "POST /case-leads/{case_number}/move": {"data": {"act": "verify", "revision": "0"}},
    "POST /case-leads/{case_number}/amend": {"data": {"reason": "补记", "revision": "0"}},
    "POST /case-leads/{case_number}/answers": {"data": {"finding": "f", "words": "w", "reason": "x", "revision": "0"}},
    "POST /case-leads/{case_number}/estimate": {
        "data": {
            "lead": "",
            "goods": "另",
            "currency": "CNY",
            "low": "1",
            "middle": "2",
            "high": "3",
            "words": "按订单",
            "reason": "补",
            "revision": "0",
        }
    },
    "POST /case-leads/{case_number}/attachments": {
        "data": {"reason": "补", "revision": "0"},
        "files": {"file": ("a.png", b"x")},
    },
    "POST /case-leads/{case_number}/split": {"data": {"lead": "{lead}", "reason": "分", "revision": "0"}},
    "POST /case-leads/{case_number}/merge": {"data": {"other": "{case}", "reason": "合", "revision": "0"}},
    "POST /case-leads/{case_number}/exports": {"data": {"kind": "json"}},
    "POST /batches": {"data": {"kind": "notice", "platform": "某平台"}},
    "POST /batches/{batch_id}/parties": {"data": {"revision": "0", "sender_name": "某"}},
    "POST /batches/{batch_id}/marks": {"data": {"revision": "0"}},
    "POST /batches/{batch_id}/rows": {"data": {"revision": "0"}},
    "POST /batches/{batch_id}/new-row": {"data": {"revision": "0", "item_id": "9"}},
    "POST /batches/{batch_id}/documents": {
        "data": {"revision": "0", "purpose": "evidence"},
        "files": {"file": ("a.png", b"x")},
    },
    "POST /batches/{batch_id}/checks": {"data": {"revision": "0", "doubt": "check-resale", "words": "已核对"}},
    "POST /batches/{batch_id}/signature": {"data": {"revision": "0", "name": "王"}},
    "POST /batches/{batch_id}/sending": {"data": {"revision": "0"}},
    "POST /batches/{batch_id}/withdrawal": {"data": {"revision": "0", "reason": "误发"}},
    "POST /letters/{letter_id}/answer-files": {"files": {"file": ("a.csv", ANSWERS)}},
    "POST /letters/{letter_id}/answers": {"data": {"revision": "1", "sha256": "{answers}"}},
    "POST /letters/{letter_id}/rows": {"data": {"revision": "1", "item_id": "73003", "state": "received"}},
    "POST /letters/{letter_id}/statements": {
        "data": {"revision": "1", "item_id": "73001", "words": "系正品", "reached_on": "2026-03-20"}
    },
    "POST /letters/{letter_id}/replies": {
        "data": {"revision": "1", "statement_id": "{statement}", "kind": "sued", "reference": "1"}
    },
    "POST /letters/{letter_id}/delays": {"data": {"revision": "1", "statement_id": "{statement}", "words": "公证"}},
    "POST /triage/reasons": {"data": {"zh": "试用理由"}},
    "POST /triage/points": {"data": {"kind": "listing", "point": "9", "reason": "试行"}},
    "POST /registry/pictures": {"files": {"file": ("a.png", b"x")}},
    "POST /people": {"data": {"name": "新人二", "role": "viewer"}},
    "POST /people/{account_id}": {"data": {"role": "viewer", "active": "yes"}},
    "POST /keys": {"data": {"name": "报表", "scope": "leads:read", "days": "9"}},
}
# What a holder keeps in a unit's registry.
KEPT_AT_UNITS = {"right", "right_sha", "address", "own_goods", "own_seller"}
SHA = {"sha256": "0" * 64}
CHECK: dict[str, Any] = {"compared": ["certificate", "status"], "source": "注册证", "result": "agrees"}
PICTURE: dict[str, Any] = {"files": {"picture": ("a.png", b"no picture", "image/png")}}
ANY_STATE = {"If-Match": "*"}
BODIES |= {
    "POST /referrals/{referral_id}/opinion": {"data": {"opinion": "unsure", "words": "看不清", "person": "王"}},
    "POST /api/v1/referrals/{referral_id}/opinions": {"json": {"opinion": "unsure", "words": "看不清", "person": "王"}},
    "POST /leads/{lead_id}/feedback": {"data": {"referral": "{given}", "feedback": "accepted"}},
    "POST /api/v1/leads/{lead_id}/feedback": {"json": {"referral_id": "{given}", "feedback": "accepted"}},
    "POST /leads/{lead_id}/records": {"data": {"kind": "purchase", "order_no": "DD-1"}},
    "POST /api/v1/leads/{lead_id}/records": {"json": {"purchase": {"order_no": "DD-1"}}},
    "POST /case-leads/{case_number}/records": {"data": {"revision": "0"}},
    "POST /rights/new": {"data": {"text": "新标"}},
    "POST /rights/preview": {"data": {"text": "新标"}},
    "POST /rights/import": {"data": {"kind": "marks"}, "files": {"file": ("marks.csv", b"mark_id,text\nN-1,x\n")}},
    "POST /rights/import/{upload_id}": {"data": SHA},
    "POST /rights/marks/{own_mark}": {"data": {"text": "改名", "state": "*"}},
    "POST /rights/marks/{own_mark}/pictures": {"data": {"state": "*"}, **PICTURE},
    "POST /rights/marks/{own_mark}/pictures/removal": {"data": {"state": "stale", "address": "{address}"}},
    "POST /rights/marks/{own_mark}/goods": {"data": {"state": "*", "name": "新品"}},
    "POST /rights/marks/{own_mark}/goods/removal": {"data": {"state": "stale", "goods_id": "{own_goods}"}},
    "POST /rights/marks/{own_mark}/sellers": {"data": {"state": "*", "seller_name": "新店"}},
    "POST /rights/marks/{own_mark}/sellers/removal": {"data": {"state": "stale", "seller": "{own_seller}"}},
    "POST /rights/marks/{own_mark}/removal": {"data": {"state": "*"}},
    "POST /api/v1/rights/marks": {"json": {"text": "新标"}},
    "PUT /api/v1/rights/marks/{own_mark}": {"json": {"text": "改名"}, "headers": ANY_STATE},
    "DELETE /api/v1/rights/marks/{own_mark}": {"headers": {"If-Match": "stale"}},
    "PUT /api/v1/rights/marks/{own_mark}/goods": {"json": {}, "headers": {"If-Match": "stale"}},
    "PUT /api/v1/rights/marks/{own_mark}/sellers": {"json": {}, "headers": {"If-Match": "stale"}},
    "POST /api/v1/rights/marks/{own_mark}/pictures": {"content": b"no picture", "headers": ANY_STATE},
    "DELETE /api/v1/rights/marks/{own_mark}/pictures": {
        "params": {"address": "{address}"},
        "headers": {"If-Match": "stale"},
    },
    "POST /api/v1/rights/preview": {"json": {"text": "新标"}},
    "POST /api/v1/rights/imports": {"params": {"kind": "marks", "name": "m.csv"}, "content": b"mark_id,text\nN-2,x\n"},
    "POST /api/v1/rights/imports/{upload_id}/confirmation": {"json": SHA},
    "POST /mark-checks/{mark_id}": {"data": {**CHECK, "seen": "*"}},
    "POST /api/v1/mark-checks/{mark_id}": {"json": CHECK, "headers": ANY_STATE},
}
# Another's thing named beside one's own: {own:…} is the caller's, the rest somebody else's.
MIXED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/api/v1/leads/{own:lead}/group/split", {"json": {"leads": ["{lead}"]}}),
    ("POST", "/api/v1/leads/{own:lead}/group/merge", {"json": {"other": "{lead}"}}),
    ("POST", "/api/v1/case-leads", {"json": {"leads": {"{own:lead}": 0, "{lead}": 0}}}),
    ("POST", "/api/v1/leads/{own:lead}/referrals", {"json": {"holder_id": "{organisation}"}}),
    (
        "POST",
        "/api/v1/bulk-acts",
        {
            "json": {
                "act": "dismiss",
                "leads": [{"lead_id": "{own:lead}", "revision": 0}, {"lead_id": "{lead}", "revision": 0}],
                "reason_code": "duplicate",
            }
        },
    ),
    (
        "POST",
        "/leads/bulk",
        {"data": {"act": "dismiss", "lead": ["{own:lead}:0:1", "{lead}:0:1"], "reason_code": "duplicate"}},
    ),
    ("POST", "/leads/{own:lead}/group/split", {"data": {"member": "{lead}"}}),
    ("POST", "/leads/{own:lead}/group/merge", {"data": {"other": "{lead}"}}),
    ("POST", "/case-leads", {"data": {"lead": ["{own:lead}:0", "{lead}:0"], "checked": "yes"}}),
    ("POST", "/api/v1/batches", {"json": {"kind": "advice", "platform": "云集市", "case_number": "{case}"}}),
    ("POST", "/batches", {"data": {"kind": "advice", "platform": "云集市", "case_number": "{case}"}}),
    ("POST", "/leads/{own:lead}/referral", {"data": {"holder": "{organisation}"}}),
)


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


def filled(template: Any, theirs: Mapping[str, str], own: Mapping[str, str] | None = None) -> Any:
    """A request's part with the things in it."""
    if isinstance(template, str):
        for name, value in (own or {}).items():
            template = template.replace(f"{{own:{name}}}", value)
        for name, value in theirs.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, dict):
        return {filled(key, theirs, own): filled(value, theirs, own) for key, value in template.items()}
    return [filled(each, theirs, own) for each in template] if isinstance(template, list) else template


def address(path: str, things: Mapping[str, str]) -> str:
    """A route's path with things in it. A name that is new must be given its meaning in `NAMES`."""
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: things[NAMES[found.group(1)]], path)


def sorts(path: str, body: Mapping[str, Any]) -> set[str]:
    """Which sorts of things a request names."""
    in_path = {NAMES[name] for name in re.findall(r"\{(\w+)(?::path)?\}", path)}
    return in_path | set(re.findall(r"\{(\w+)\}", str(body)))


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
    if unit in tenants.world.pictures:
        tenants.things[unit]["sha"] = tenants.world.pictures[unit]


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
