"""What administrators do: people, their roles and passwords, and machine keys. Each act is written in the trail.

The same acts serve the API, the console and the command line, which acts as `command` and from no address.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from models.access import Account
from models.audit import Act, AuditEntry
from models.errors import ConflictError
from models.organisations import MachineKey, Organisation, Role, Scope, allowed_roles
from models.ports import Store
from review_api.access.keys import new_key
from review_api.accounts import hash_password, new_account
from review_api.tokens import name_key

PASSWORD_BYTES = 12
COMMAND = "command"


@dataclass(frozen=True)
class Office:
    """Where an administrator acts: the organisation, in whose name, when, from where. `account_id` is the
    administrator's own, whose roles are for others to change."""

    store: Store
    organisation: Organisation
    actor: str
    at: datetime
    address: str = ""
    account_id: str = ""

    def write(self, act: Act, about: str, **details: str) -> None:
        """An entry in the organisation's trail."""
        self.store.audit.append(
            AuditEntry(
                organisation_id=self.organisation.organisation_id,
                at=self.at,
                actor=self.actor,
                act=act,
                about=about,
                address=self.address,
                details=details,
            )
        )


def add_person(
    office: Office,
    name: str,
    roles: tuple[Role, ...],
    *,
    display_name: str = "",
    password: str = "",
    identity: str = "",
) -> tuple[Account, str]:
    """A new account and its password, made up when none is given; none at all for one that signs in elsewhere. Raises
    `ConflictError` for a name that is taken, `InputError`."""
    allowed = allowed_roles(office.organisation.kind, roles)
    if office.store.accounts.by_name(name.strip()) is not None:
        raise ConflictError("这个登录名已存在 / this name is taken", where=name)
    chosen = "" if identity else password or secrets.token_urlsafe(PASSWORD_BYTES)
    account = new_account(
        name,
        chosen,
        organisation_id=office.organisation.organisation_id,
        display_name=display_name,
        roles=allowed,
        identity=identity,
    )
    office.store.accounts.save(account)
    office.write(Act.PERSON_ADDED, account.name, roles=" ".join(allowed))
    return account, chosen


def change_person(office: Office, account_id: str, *, roles: tuple[Role, ...], active: bool) -> Account:
    """Give a person these roles, and let them in or not; a person who is no longer active is signed out at once.
    Raises `NotFoundError`, `InputError`, and `ConflictError` for the administrator's own account."""
    account = office.store.accounts.get(office.organisation.organisation_id, account_id)
    if account_id == office.account_id:
        raise ConflictError("your own roles are for another administrator to change", where=account.name)
    allowed = allowed_roles(office.organisation.kind, roles)
    changed = account.model_copy(update={"roles": allowed, "active": active})
    office.store.accounts.save(changed)
    office.write(
        Act.PERSON_CHANGED,
        account.name,
        roles_before=" ".join(account.roles),
        roles=" ".join(allowed),
        active=str(active).lower(),
    )
    return changed


def renew_password(office: Office, account_id: str) -> tuple[Account, str]:
    """A new password, shown once; a name that was locked may sign in again. Raises `NotFoundError`, and `ConflictError`
    for a person who signs in elsewhere."""
    account = office.store.accounts.get(office.organisation.organisation_id, account_id)
    if account.identity:
        raise ConflictError("this person signs in with the organisation's provider", where=account.name)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    closed = account.model_copy(update={"active": False})
    office.store.accounts.save(closed)  # ends every session
    office.store.accounts.save(account.model_copy(update={"password_hash": hash_password(password)}))
    office.store.accounts.forget_attempts(name_key(account.name))
    office.write(Act.PERSON_CHANGED, account.name, renewed="password")
    return account, password


def add_key(office: Office, name: str, scopes: tuple[Scope, ...], *, days: int) -> tuple[MachineKey, str]:
    """A machine key and its secret, which is shown once. Raises `InputError`."""
    organisation_id = office.organisation.organisation_id
    key, secret = new_key(organisation_id, name, scopes, days=days, by=office.actor, at=office.at)
    office.store.keys.add(key)
    expires = key.expires_at.date().isoformat()
    office.write(Act.KEY_ADDED, key.key_id, name=key.name, scopes=" ".join(key.scopes), expires_at=expires)
    return key, secret


def revoke_key(office: Office, key_id: str) -> MachineKey:
    """From the next call on it is refused. Raises `NotFoundError`."""
    key = office.store.keys.revoke(office.organisation.organisation_id, key_id, at=office.at)
    office.write(Act.KEY_REVOKED, key.key_id, name=key.name)
    return key
