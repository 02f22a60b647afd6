"""Ports of access: organisations, their people and machines, the audit trail and referrals, as Protocols.

As in `models.ports`, what belongs to another organisation does not exist. Signing in happens before the organisation is
known: the methods that serve it say so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from models.audit import Act, AuditEntry, NumberedEntry
from models.organisations import MachineKey, Organisation, PowerOfAttorney, Role
from models.referrals import Referral
from models.values import Value


class Account(Value):
    """A person who signs in; `password_hash` is an Argon2id string, empty for one who signs in elsewhere (OIDC), whom
    `identity` names then: the issuer and its subject, a space between them."""

    organisation_id: str
    account_id: str
    name: str
    display_name: str = ""
    password_hash: str = ""
    roles: tuple[Role, ...] = ()
    active: bool = True
    identity: str = ""


class AccountStore(Protocol):
    """Who may sign in. Names and identities are unique over all organisations."""

    def save(self, account: Account) -> None:
        """Insert or replace by name; an account never changes its organisation (`ConflictError`). One that is no
        longer active has no sessions."""

    def by_name(self, name: str) -> Account | None:
        """For signing in: whichever organisation it is in."""

    def by_identity(self, identity: str) -> Account | None:
        """For signing in with OIDC: whichever organisation it is in."""

    def get(self, organisation_id: str, account_id: str) -> Account:
        """Raises `NotFoundError`."""

    def all(self, organisation_id: str) -> tuple[Account, ...]:
        """Everybody of the organisation, by name."""

    def open_session(self, token_hash: str, account_id: str, *, at: datetime, expires_at: datetime) -> None:
        """Raises `NotFoundError` for an account that is not there."""

    def session(self, token_hash: str, *, at: datetime, idle_since: datetime | None = None) -> Account | None:
        """Whose session that is, unless it is over, was last used before `idle_since`, or the account is not active.
        That it was used is noted, to the minute."""

    def close_session(self, token_hash: str) -> None: ...

    def count_attempt(self, name_key: str, *, at: datetime, since: datetime, limit: int) -> int:
        """Count one sign-in of a name before it is made; the count of those after `since` that did not succeed, this
        one included. Shared by every process; older ones are forgotten. Past `limit` it is no longer counted, so that
        trying on makes nobody wait longer."""

    def forget_attempts(self, name_key: str) -> None:
        """The name has signed in, or is unlocked."""


class OrganisationStore(Protocol):
    """Tenants, and who acts for whom."""

    def save(self, organisation: Organisation) -> None:
        """Insert or replace. The kind never changes (`ConflictError`)."""

    def get(self, organisation_id: str) -> Organisation:
        """Raises `NotFoundError`."""

    def all(self) -> tuple[Organisation, ...]:
        """Every organisation, for the command line."""

    def holders_named(self, names: Sequence[str]) -> tuple[Organisation, ...]:
        """The rights holders that stand in a registry under one of these names."""

    def platforms(self) -> tuple[Organisation, ...]:
        """Every platform that has people here: whoever writes may write to it."""

    def empower(self, power: PowerOfAttorney) -> None:
        """Keep a power of attorney; the same holder and agent again replaces."""

    def powers_of(self, agent_id: str, *, at: datetime) -> tuple[PowerOfAttorney, ...]:
        """The powers that an agent holds at that moment, by holder."""


class KeyStore(Protocol):
    """Machine keys."""

    def add(self, key: MachineKey) -> None: ...

    def by_hash(self, key_hash: str) -> MachineKey | None:
        """For signing in: whichever organisation it is in, live or not."""

    def all(self, organisation_id: str) -> tuple[MachineKey, ...]:
        """Newest first."""

    def revoke(self, organisation_id: str, key_id: str, *, at: datetime) -> MachineKey:
        """From now on it is refused; a second time changes nothing. Raises `NotFoundError`."""


class AuditStore(Protocol):
    """The trail: it only grows."""

    def append(self, entry: AuditEntry) -> int:
        """Durable on return; the entry's number."""

    def entries(
        self, organisation_id: str, *, act: Act | None = None, before: int = 0, limit: int = 100
    ) -> tuple[NumberedEntry, ...]:
        """Newest first; with `before` those of lower numbers."""


class ReferralStore(Protocol):
    """What was handed to rights holders."""

    def add(self, referral: Referral) -> None:
        """Raises `ConflictError` when the holder has this lead at this revision already."""

    def of_lead(self, organisation_id: str, lead_id: str) -> tuple[Referral, ...]:
        """For the unit: newest first. Raises `NotFoundError` for a lead that is not there."""

    def received(self, holder_id: str) -> tuple[Referral, ...]:
        """For the holder: everything that it was handed, newest first."""

    def received_by_agent(self, agent_id: str, *, at: datetime) -> tuple[Referral, ...]:
        """For the agent: as `received`, of every holder that it acts for at that moment, reduced to its power."""
