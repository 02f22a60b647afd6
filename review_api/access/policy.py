"""The policy: one row for every route of the API and the console, saying which kinds of organisation and which roles it
answers, which scope lets a machine's key in, and what the audit trail says of it. A route without a row answers nobody,
and a test fails for it.

What a caller may then see is the organisation's own: that is the store's business (`models.access`, `models.ports`).
"""

from typing import NamedTuple

from models.audit import Act
from models.errors import ForbiddenError
from models.organisations import Organisation, OrganisationKind, Role, Scope


class Policy(NamedTuple):
    """Who is answered. `open_to_all`: anybody, signed in or not. `door`: serves signing in, and acts for the whole
    installation until it is known for whom. Otherwise `kinds` and `roles` for people, `scope` for keys (None: no key),
    and `act` for the audit trail once it is done."""

    kinds: frozenset[OrganisationKind] = frozenset()
    roles: frozenset[Role] = frozenset()
    scope: Scope | None = None
    act: Act | None = None
    open_to_all: bool = False
    door: bool = False
    any_key: bool = False


EVERY_KIND = frozenset(OrganisationKind)
UNITS = frozenset({OrganisationKind.SUPERVISION, OrganisationKind.POSTAL_SUPERVISION})
HOLDERS = frozenset({OrganisationKind.RIGHTS_HOLDER, OrganisationKind.AGENT})

ANYBODY = Policy(open_to_all=True)
DOOR = Policy(open_to_all=True, door=True)
PERSON = Policy(EVERY_KIND, frozenset(Role))
CALLER = Policy(EVERY_KIND, frozenset(Role), any_key=True)


def _readers(scope: Scope | None = None, act: Act | None = None) -> Policy:
    return Policy(UNITS, frozenset({Role.VIEWER, Role.OFFICER, Role.SUPERVISOR}), scope, act)


def _officers(act: Act | None = None, *, scope: Scope | None = None) -> Policy:
    return Policy(UNITS, frozenset({Role.OFFICER, Role.SUPERVISOR}), scope, act)


def _supervisors(act: Act | None = None) -> Policy:
    return Policy(UNITS, frozenset({Role.SUPERVISOR}), None, act)


def _heads(act: Act, *, scope: Scope | None = None) -> Policy:
    return Policy(UNITS, frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}), scope, act)


def _receivers(act: Act | None = None) -> Policy:
    return Policy(HOLDERS, frozenset({Role.HOLDER_EDITOR, Role.AGENT}), act=act)


ADMINISTRATORS = Policy(UNITS, frozenset({Role.ADMINISTRATOR}))
HEADS = Policy(UNITS, frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}))
AUDITORS = Policy(UNITS, frozenset({Role.AUDITOR}))
RECEIVERS = _receivers()

# Who writes to platforms, who may look at what was written, and who is a party to a letter.
WRITERS = Policy(UNITS | HOLDERS, frozenset({Role.OFFICER, Role.SUPERVISOR, Role.HOLDER_EDITOR, Role.AGENT}))
WRITERS_READ = WRITERS._replace(roles=WRITERS.roles | {Role.VIEWER})
PLATFORMS = Policy(frozenset({OrganisationKind.PLATFORM}), frozenset({Role.LIAISON}))
PARTIES = Policy(WRITERS.kinds | PLATFORMS.kinds, WRITERS.roles | PLATFORMS.roles)
PARTIES_READ = PARTIES._replace(roles=PARTIES.roles | {Role.VIEWER})

LEADS, CASES, TRIAGE = Scope.LEADS_READ, Scope.CASE_LEADS_READ, Scope.TRIAGE_READ
MARKS, MARKS_TOO, PREVIEW = Scope.REGISTRY_READ, Scope.REGISTRY_WRITE, Scope.PREVIEW

POLICIES: dict[str, Policy] = {
    # Open: the only four that answer whoever calls
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /signin": ANYBODY,
    "GET /static": ANYBODY,
    # The door: these end in a session or in a refusal
    "POST /signin": DOOR,
    "GET /signin/oidc": DOOR,
    "GET /signin/oidc/callback": DOOR,
    "POST /api/v1/session": DOOR,
    # Whoever is signed in; a profile is all that a platform's liaison has yet
    "GET /": PERSON,
    "GET /profile": PERSON,
    "POST /signout": PERSON,
    "GET /api/v1/session": CALLER,
    "DELETE /api/v1/session": PERSON,
    "GET /api/v1/openapi.json": CALLER,
    # Leads
    "GET /leads": _readers(),
    "GET /leads/{lead_id}": _readers(),
    "POST /leads/{lead_id}/decision": _officers(Act.DECIDED),
    "POST /leads/{lead_id}/acceptance": _officers(Act.REGISTERED),
    "POST /leads/{lead_id}/group/split": _officers(Act.GROUPED),
    "POST /leads/next": _officers(Act.CLAIMED),
    "POST /leads/{lead_id}/claim": _officers(Act.CLAIMED),
    "POST /leads/{lead_id}/release": _officers(Act.RELEASED),
    "POST /leads/{lead_id}/assignment": _supervisors(Act.ASSIGNED),
    "POST /leads/{lead_id}/statements": _officers(Act.STATEMENT_RECORDED),
    "POST /leads/chosen": _officers(),
    "POST /leads/bulk": _officers(Act.BULK_ACTED),
    "POST /leads/undo/{act_id}": _officers(Act.BULK_UNDONE),
    "POST /leads/views": _officers(),
    "POST /leads/views/{view_id}/removal": _officers(),
    "POST /leads/capacity": _officers(),
    "GET /operators": _readers(),
    "GET /operators/{party_key}": _readers(),
    "GET /search": _readers(),
    "GET /campaigns": _readers(),
    "POST /campaigns": _supervisors(Act.CAMPAIGN_CHANGED),
    "POST /campaigns/{campaign_id}": _supervisors(Act.CAMPAIGN_CHANGED),
    "POST /leads/{lead_id}/group/merge": _officers(Act.GROUPED),
    "GET /api/v1/leads": _readers(LEADS),
    "GET /api/v1/leads/counts": _readers(LEADS),
    "GET /api/v1/leads/{lead_id}": _readers(LEADS),
    "POST /api/v1/leads/{lead_id}/decisions": _officers(Act.DECIDED),
    "GET /api/v1/leads/{lead_id}/group": _readers(LEADS),
    "POST /api/v1/leads/{lead_id}/group/split": _officers(Act.GROUPED),
    "POST /api/v1/leads/{lead_id}/group/merge": _officers(Act.GROUPED),
    "GET /api/v1/pictures/{content_sha256}": _readers(LEADS),
    "POST /api/v1/preview": _officers(scope=PREVIEW),
    "POST /api/v1/leads/{lead_id}/claim": _officers(Act.CLAIMED),
    "POST /api/v1/claims": _officers(Act.CLAIMED),
    "DELETE /api/v1/leads/{lead_id}/claim": _officers(Act.RELEASED),
    "POST /api/v1/leads/{lead_id}/assignment": _supervisors(Act.ASSIGNED),
    "GET /api/v1/leads/{lead_id}/statements": _readers(LEADS),
    "POST /api/v1/leads/{lead_id}/statements": _officers(Act.STATEMENT_RECORDED),
    "GET /api/v1/bulk-acts": _officers(),
    "POST /api/v1/bulk-acts": _officers(Act.BULK_ACTED),
    "POST /api/v1/bulk-acts/{act_id}/undo": _officers(Act.BULK_UNDONE),
    "GET /api/v1/operators": _readers(LEADS),
    "GET /api/v1/operators/{party_key}": _readers(LEADS),
    "GET /api/v1/search": _readers(LEADS),
    # What a person keeps of the queue, and campaigns
    "GET /api/v1/views": _readers(),
    "POST /api/v1/views": _officers(),
    "DELETE /api/v1/views/{view_id}": _officers(),
    "GET /api/v1/capacity": _readers(),
    "PUT /api/v1/capacity": _officers(),
    "GET /api/v1/queue-order": _readers(LEADS),
    "GET /api/v1/campaigns": _readers(LEADS),
    "GET /api/v1/campaigns/{campaign_id}": _readers(LEADS),
    "POST /api/v1/campaigns": _supervisors(Act.CAMPAIGN_CHANGED),
    "PUT /api/v1/campaigns/{campaign_id}": _supervisors(Act.CAMPAIGN_CHANGED),
    # What a unit hands to rights holders, and what those have received
    "POST /leads/{lead_id}/referral": _officers(Act.REFERRED),
    "GET /referrals": RECEIVERS,
    "GET /referrals/{referral_id}": RECEIVERS,
    "GET /api/v1/leads/{lead_id}/referrals": _readers(LEADS),
    "POST /api/v1/leads/{lead_id}/referrals": _officers(Act.REFERRED),
    "GET /api/v1/referrals": RECEIVERS,
    "GET /api/v1/referrals/{referral_id}": RECEIVERS,
    "POST /referrals/{referral_id}/opinion": _receivers(Act.ANSWERED),
    "GET /api/v1/referrals/{referral_id}/answers": RECEIVERS,
    "POST /api/v1/referrals/{referral_id}/opinions": _receivers(Act.ANSWERED),
    "POST /leads/{lead_id}/feedback": _officers(Act.FED_BACK),
    "POST /api/v1/leads/{lead_id}/feedback": _officers(Act.FED_BACK),
    # Records about goods: purchases, identifications, appraisals
    "GET /leads/{lead_id}/records": _readers(),
    "POST /leads/{lead_id}/records": _officers(Act.RECORDED),
    "GET /leads/{lead_id}/records/{record_sha256}": _readers(),
    "GET /api/v1/leads/{lead_id}/records": _readers(LEADS),
    "POST /api/v1/leads/{lead_id}/records": _officers(Act.RECORDED),
    "GET /api/v1/leads/{lead_id}/records/{record_sha256}": _readers(LEADS),
    "POST /case-leads/{case_number}/records": _officers(Act.CASE_CHANGED),
    # What a holder keeps in a unit's registry: its own marks, and an agent those of its power
    "GET /rights": RECEIVERS,
    "GET /rights/new": RECEIVERS,
    "POST /rights/new": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/preview": RECEIVERS,
    "GET /rights/import": RECEIVERS,
    "POST /rights/import": RECEIVERS,
    "GET /rights/import/{upload_id}": RECEIVERS,
    "POST /rights/import/{upload_id}": _receivers(Act.REGISTRY_CHANGED),
    "GET /rights/templates/{template_name}": RECEIVERS,
    "GET /rights/pictures/{right_sha256}": RECEIVERS,
    "GET /rights/marks/{own_mark}": RECEIVERS,
    "POST /rights/marks/{own_mark}": _receivers(Act.REGISTRY_CHANGED),
    "GET /rights/marks/{own_mark}/edit": RECEIVERS,
    "GET /rights/marks/{own_mark}/history": RECEIVERS,
    "POST /rights/marks/{own_mark}/pictures": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/marks/{own_mark}/pictures/removal": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/marks/{own_mark}/goods": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/marks/{own_mark}/goods/removal": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/marks/{own_mark}/sellers": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/marks/{own_mark}/sellers/removal": _receivers(Act.REGISTRY_CHANGED),
    "POST /rights/marks/{own_mark}/removal": _receivers(Act.REGISTRY_CHANGED),
    "GET /api/v1/rights": RECEIVERS,
    "POST /api/v1/rights/marks": _receivers(Act.REGISTRY_CHANGED),
    "GET /api/v1/rights/marks/{own_mark}": RECEIVERS,
    "PUT /api/v1/rights/marks/{own_mark}": _receivers(Act.REGISTRY_CHANGED),
    "DELETE /api/v1/rights/marks/{own_mark}": _receivers(Act.REGISTRY_CHANGED),
    "GET /api/v1/rights/marks/{own_mark}/history": RECEIVERS,
    "PUT /api/v1/rights/marks/{own_mark}/goods": _receivers(Act.REGISTRY_CHANGED),
    "PUT /api/v1/rights/marks/{own_mark}/sellers": _receivers(Act.REGISTRY_CHANGED),
    "POST /api/v1/rights/marks/{own_mark}/pictures": _receivers(Act.REGISTRY_CHANGED),
    "DELETE /api/v1/rights/marks/{own_mark}/pictures": _receivers(Act.REGISTRY_CHANGED),
    "POST /api/v1/rights/preview": RECEIVERS,
    "POST /api/v1/rights/imports": RECEIVERS,
    "GET /api/v1/rights/imports/{upload_id}": RECEIVERS,
    "POST /api/v1/rights/imports/{upload_id}/confirmation": _receivers(Act.REGISTRY_CHANGED),
    # Checks of marks
    "GET /mark-checks": _readers(),
    "GET /mark-checks/{mark_id}": _readers(),
    "POST /mark-checks/{mark_id}": _officers(Act.MARK_CHECKED),
    "GET /api/v1/mark-checks": _readers(MARKS),
    "GET /api/v1/mark-checks/{mark_id}": _readers(MARKS),
    "POST /api/v1/mark-checks/{mark_id}": _officers(Act.MARK_CHECKED),
    # Case leads
    "GET /case-leads/new": _officers(),
    "POST /case-leads": _officers(Act.REGISTERED),
    "GET /case-leads": _readers(),
    "GET /case-leads/{case_number}": _readers(),
    "GET /case-leads/{case_number}/dossier.json": _readers(act=Act.EXPORTED),
    "GET /case-leads/{case_number}/dossier.xlsx": _readers(act=Act.EXPORTED),
    "POST /case-leads/{case_number}/move": _officers(Act.CASE_MOVED),
    "POST /case-leads/{case_number}/amend": _officers(Act.CASE_CHANGED),
    "POST /case-leads/{case_number}/answers": _officers(Act.CASE_CHANGED),
    "POST /case-leads/{case_number}/estimate": _officers(Act.CASE_CHANGED),
    "POST /case-leads/{case_number}/attachments": _officers(Act.CASE_CHANGED),
    "POST /case-leads/{case_number}/split": _officers(Act.CASE_CHANGED),
    "POST /case-leads/{case_number}/merge": _officers(Act.CASE_CHANGED),
    "POST /case-leads/{case_number}/exports": _officers(Act.EXPORTED),
    "GET /case-leads/{case_number}/exports/{number}": _readers(act=Act.EXPORTED),
    "POST /case-leads/{case_number}/outcome": _officers(Act.OUTCOME_RECORDED),
    "POST /api/v1/case-leads": _officers(Act.REGISTERED),
    "GET /api/v1/case-leads": _readers(CASES),
    "GET /api/v1/case-leads/{case_number}": _readers(CASES),
    "GET /api/v1/case-leads/sources": _readers(CASES),
    "GET /api/v1/case-leads/schema.json": _readers(CASES),
    "GET /api/v1/case-leads/{case_number}/versions": _readers(CASES),
    "GET /api/v1/case-leads/{case_number}/events": _readers(CASES),
    "GET /api/v1/case-leads/{case_number}/exports": _readers(CASES),
    "GET /api/v1/case-leads/{case_number}/exports/{number}": _readers(CASES, Act.EXPORTED),
    "POST /api/v1/case-leads/{case_number}/exports": _officers(Act.EXPORTED),
    "POST /api/v1/case-leads/{case_number}/moves": _officers(Act.CASE_MOVED),
    "POST /api/v1/case-leads/{case_number}/amendments": _officers(Act.CASE_CHANGED),
    "POST /api/v1/case-leads/{case_number}/split": _officers(Act.CASE_CHANGED),
    "POST /api/v1/case-leads/{case_number}/merge": _officers(Act.CASE_CHANGED),
    "GET /api/v1/case-leads/{case_number}/dossier.json": _readers(CASES, Act.EXPORTED),
    "GET /api/v1/case-leads/{case_number}/dossier.xlsx": _readers(CASES, Act.EXPORTED),
    "GET /api/v1/case-leads/{case_number}/outcomes": _readers(CASES),
    "POST /api/v1/case-leads/{case_number}/outcomes": _officers(Act.OUTCOME_RECORDED),
    # Liaison with platforms: batches are their sender's, letters are every party's
    "GET /api/v1/batches": WRITERS_READ,
    "POST /api/v1/batches": WRITERS._replace(act=Act.BATCH_MADE),
    "GET /api/v1/batches/mappings": WRITERS_READ,
    "GET /api/v1/batches/{batch_id}": WRITERS_READ,
    "GET /api/v1/batches/{batch_id}/events": WRITERS_READ,
    "PUT /api/v1/batches/{batch_id}": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /api/v1/batches/{batch_id}/checks": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /api/v1/batches/{batch_id}/signature": WRITERS._replace(act=Act.BATCH_SIGNED),
    "POST /api/v1/batches/{batch_id}/sending": WRITERS._replace(act=Act.BATCH_SENT),
    "POST /api/v1/batches/{batch_id}/withdrawal": WRITERS._replace(act=Act.BATCH_WITHDRAWN),
    "GET /api/v1/batches/{batch_id}/files/{kind}": WRITERS._replace(act=Act.EXPORTED),
    "GET /api/v1/letters": PARTIES_READ,
    "GET /api/v1/letters/statements": PARTIES_READ,
    "GET /api/v1/letters/{letter_id}": PARTIES_READ,
    "GET /api/v1/letters/{letter_id}/events": PARTIES_READ,
    "GET /api/v1/letters/{letter_id}/files/{kind}": PARTIES._replace(act=Act.EXPORTED),
    "GET /api/v1/letters/{letter_id}/documents/{document}": PARTIES._replace(act=Act.EXPORTED),
    "POST /api/v1/letters/{letter_id}/answer-files": PARTIES,
    "POST /api/v1/letters/{letter_id}/answers": PARTIES._replace(act=Act.ANSWERS_TAKEN),
    "POST /api/v1/letters/{letter_id}/rows": PARTIES._replace(act=Act.ANSWERS_TAKEN),
    "POST /api/v1/letters/{letter_id}/statements": PARTIES._replace(act=Act.STATEMENT_TOLD),
    "POST /api/v1/letters/{letter_id}/replies": WRITERS._replace(act=Act.STATEMENT_ANSWERED),
    "POST /api/v1/letters/{letter_id}/delays": WRITERS._replace(act=Act.STATEMENT_ANSWERED),
    "GET /batches": WRITERS_READ,
    "GET /batches/new": WRITERS,
    "POST /batches": WRITERS._replace(act=Act.BATCH_MADE),
    "GET /batches/{batch_id}": WRITERS_READ,
    "POST /batches/{batch_id}/parties": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /batches/{batch_id}/marks": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /batches/{batch_id}/rows": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /batches/{batch_id}/new-row": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /batches/{batch_id}/documents": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /batches/{batch_id}/checks": WRITERS._replace(act=Act.BATCH_CHANGED),
    "POST /batches/{batch_id}/signature": WRITERS._replace(act=Act.BATCH_SIGNED),
    "POST /batches/{batch_id}/sending": WRITERS._replace(act=Act.BATCH_SENT),
    "POST /batches/{batch_id}/withdrawal": WRITERS._replace(act=Act.BATCH_WITHDRAWN),
    "GET /batches/{batch_id}/files/{kind}": WRITERS._replace(act=Act.EXPORTED),
    "GET /letters": PLATFORMS,
    "GET /statements": PARTIES_READ,
    "GET /letters/{letter_id}": PARTIES_READ,
    "GET /letters/{letter_id}/files/{kind}": PARTIES._replace(act=Act.EXPORTED),
    "GET /letters/{letter_id}/documents/{document}": PARTIES._replace(act=Act.EXPORTED),
    "POST /letters/{letter_id}/answer-files": PARTIES,
    "GET /letters/{letter_id}/answer-files/{sha256}": PARTIES,
    "POST /letters/{letter_id}/answers": PARTIES._replace(act=Act.ANSWERS_TAKEN),
    "POST /letters/{letter_id}/rows": PARTIES._replace(act=Act.ANSWERS_TAKEN),
    "POST /letters/{letter_id}/statements": PARTIES._replace(act=Act.STATEMENT_TOLD),
    "POST /letters/{letter_id}/replies": WRITERS._replace(act=Act.STATEMENT_ANSWERED),
    "POST /letters/{letter_id}/delays": WRITERS._replace(act=Act.STATEMENT_ANSWERED),
    # Rules
    "GET /triage": _readers(),
    "POST /triage/points": _heads(Act.POINT_SET),
    "POST /triage/reasons": _heads(Act.REASON_ADDED),
    "GET /api/v1/dismissal-reasons": _readers(TRIAGE),
    "POST /api/v1/dismissal-reasons": _heads(Act.REASON_ADDED),
    "GET /api/v1/triage/points": _readers(TRIAGE),
    "POST /api/v1/triage/points": _heads(Act.POINT_SET),
    "GET /api/v1/triage/comparisons": _readers(TRIAGE),
    # The registry
    "GET /registry": _readers(),
    "GET /registry/marks/{mark_id}": _readers(),
    "GET /registry/pictures": _officers(),
    "POST /registry/pictures": _officers(),
    "GET /api/v1/registry": _readers(MARKS),
    "GET /api/v1/registry/marks": _readers(MARKS),
    "GET /api/v1/registry/marks/{mark_id}": _readers(MARKS),
    "GET /api/v1/registry/goods": _readers(MARKS),
    "PUT /api/v1/registry": _heads(Act.REGISTRY_CHANGED, scope=MARKS_TOO),
    "PATCH /api/v1/registry": _heads(Act.REGISTRY_CHANGED, scope=MARKS_TOO),
    # Messages that could not be processed
    "GET /dead-letters": HEADS,
    "GET /dead-letters/{dead_letter}": HEADS,
    "POST /dead-letters/replay": _heads(Act.LETTERS_REPLAYED),
    "POST /dead-letters/{dead_letter}/replay": _heads(Act.LETTERS_REPLAYED),
    "GET /api/v1/dead-letters": HEADS,
    "GET /api/v1/dead-letters/{dead_letter}": HEADS,
    "POST /api/v1/dead-letters/replays": _heads(Act.LETTERS_REPLAYED),
    # People, keys, the trail: what is done here is written down by the act itself
    "GET /people": ADMINISTRATORS,
    "POST /people": ADMINISTRATORS,
    "POST /people/{account_id}": ADMINISTRATORS,
    "POST /people/{account_id}/password": ADMINISTRATORS,
    "POST /keys": ADMINISTRATORS,
    "POST /keys/{key_id}/revocation": ADMINISTRATORS,
    "GET /api/v1/people": ADMINISTRATORS,
    "POST /api/v1/people": ADMINISTRATORS,
    "PATCH /api/v1/people/{account_id}": ADMINISTRATORS,
    "POST /api/v1/people/{account_id}/password": ADMINISTRATORS,
    "GET /api/v1/keys": ADMINISTRATORS,
    "POST /api/v1/keys": ADMINISTRATORS,
    "DELETE /api/v1/keys/{key_id}": ADMINISTRATORS,
    "GET /audit": AUDITORS,
    "GET /api/v1/audit": AUDITORS,
}


def policy_for(method: str, path: str) -> Policy | None:
    """The row of a route, by its path as declared."""
    return POLICIES.get(f"{method} {path.replace(':path', '')}")


def may(policy: Policy | None, organisation: Organisation, roles: tuple[Role, ...]) -> bool:
    """Whether a person with these roles in that organisation is answered."""
    return policy is not None and organisation.kind in policy.kinds and not policy.roles.isdisjoint(roles)


def may_with_key(policy: Policy | None, organisation: Organisation, scopes: frozenset[Scope]) -> bool:
    """Whether a key with these scopes is answered."""
    if policy is None or organisation.kind not in policy.kinds:
        return False
    return policy.any_key or (policy.scope is not None and policy.scope in scopes)


def refused() -> ForbiddenError:
    """What a caller is told whom the table does not name."""
    return ForbiddenError("your role does not include this", mend="ask an administrator of your organisation")
