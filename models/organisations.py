"""Organisations (机构), their people and machines: kinds, roles, scopes, and powers of attorney.

Owns which role a kind of organisation may give, and what a power of attorney covers. What a role may do is the table
of `review_api.access.policy`; how a password or key is checked lies with `review_api`.
"""

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from models.errors import InputError
from models.identity import LOCAL
from models.values import Value


class OrganisationKind(StrEnum):
    """What an organisation is to the others."""

    SUPERVISION = "supervision"
    POSTAL_SUPERVISION = "postal_supervision"
    RIGHTS_HOLDER = "rights_holder"
    AGENT = "agent"
    PLATFORM = "platform"


class Role(StrEnum):
    """What a person is within an organisation."""

    VIEWER = "viewer"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    HOLDER_EDITOR = "holder-editor"
    AGENT = "agent"
    LIAISON = "liaison"


UNIT_ROLES = frozenset({Role.VIEWER, Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})

# The roles that each kind of organisation may give its people.
ROLES: dict[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.SUPERVISION: UNIT_ROLES,
    OrganisationKind.POSTAL_SUPERVISION: UNIT_ROLES,
    OrganisationKind.RIGHTS_HOLDER: frozenset({Role.HOLDER_EDITOR}),
    OrganisationKind.AGENT: frozenset({Role.AGENT}),
    OrganisationKind.PLATFORM: frozenset({Role.LIAISON}),
}

# What a new account is where nothing else is said.
USUAL_ROLE: dict[OrganisationKind, Role] = {
    OrganisationKind.SUPERVISION: Role.OFFICER,
    OrganisationKind.POSTAL_SUPERVISION: Role.OFFICER,
    OrganisationKind.RIGHTS_HOLDER: Role.HOLDER_EDITOR,
    OrganisationKind.AGENT: Role.AGENT,
    OrganisationKind.PLATFORM: Role.LIAISON,
}


class Scope(StrEnum):
    """What a machine key may be used for. Decisions on leads have no scope: they are a person's to make."""

    LEADS_READ = "leads:read"
    CASE_LEADS_READ = "case-leads:read"
    REGISTRY_READ = "registry:read"
    REGISTRY_WRITE = "registry:write"
    TRIAGE_READ = "triage:read"
    PREVIEW = "preview"


Division = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
# What an organisation may be called by commands; those that stood before are left as they are.
ORGANISATION_ID = r"[a-z0-9][a-z0-9._-]{0,63}"


class Organisation(Value):
    """A tenant. `regions` are administrative division codes (GB/T 2260, six digits); `name` is the full name, and for
    a rights holder the name that stands as holder in registries."""

    organisation_id: str = LOCAL
    kind: OrganisationKind = OrganisationKind.SUPERVISION
    name: Annotated[str, Field(min_length=1, max_length=128)]
    regions: tuple[Division, ...] = ()

    @property
    def is_unit(self) -> bool:
        """Whether it owns subjects and leads."""
        return self.kind in {OrganisationKind.SUPERVISION, OrganisationKind.POSTAL_SUPERVISION}


class PowerOfAttorney(Value):
    """An agent acts for a holder, from one moment until another; `mark_ids` limit it, none means every mark."""

    holder_id: str
    agent_id: str
    mark_ids: tuple[str, ...] = ()
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class MachineKey(Value):
    """A machine's way in: what is kept of it. The secret is shown once; `key_hash` is its SHA-256."""

    organisation_id: str
    key_id: str
    name: Annotated[str, Field(min_length=1, max_length=128)]
    key_hash: Annotated[str, Field(repr=False)]
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _ends(self) -> "MachineKey":
        if self.expires_at <= self.created_at:
            raise ValueError("a key must expire after it was made")
        return self

    def live(self, at: AwareDatetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


def allowed_roles(kind: OrganisationKind, roles: tuple[Role, ...]) -> tuple[Role, ...]:
    """The roles, each once, in the order of `Role`. Raises `InputError` for none and for one that is not given."""
    wrong = [role for role in roles if role not in ROLES[kind]]
    if wrong or not roles:
        may = ", ".join(role for role in Role if role in ROLES[kind])
        what = f"an organisation of kind {kind} has no role {wrong[0]}" if wrong else "a person needs a role"
        raise InputError(what, where="roles", mend=f"choose among {may}")
    return tuple(role for role in Role if role in roles)


def holder_key(name: str) -> str:
    """A holder's name as it is compared: width and case do not matter, so that brackets may be of either kind."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
