"""People and machine keys of the caller's own organisation, for its administrators."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import AwareDatetime, Field

from models.access import Account
from models.organisations import MachineKey, Role, Scope
from models.values import Value
from review_api.access.keys import LONGEST_DAYS
from review_api.access.people import Office, add_key, add_person, change_person, renew_password, revoke_key
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.problems import answers
from review_api.sessions import Visitor, client_address

router = APIRouter(prefix="/api/v1", tags=["people"])

AccountId = Annotated[StorableText, Path(min_length=1, max_length=64)]
KeyId = Annotated[StorableText, Path(min_length=1, max_length=64)]
Name = Annotated[StorableText, Field(min_length=1, max_length=128)]
Roles = Annotated[tuple[Role, ...], Field(min_length=1, max_length=len(Role))]


class Person(Value):
    """Somebody of the organisation."""

    account_id: str
    name: str
    display_name: str
    roles: tuple[Role, ...]
    active: bool
    elsewhere: bool = Field(description="Signs in with the organisation's OpenID provider")


class NewPerson(Value):
    """A person to add. The password is made up and told once."""

    name: Name
    display_name: Annotated[StorableText, Field(max_length=128)] = ""
    roles: Roles


class PersonChange(Value):
    """What a person is from now on."""

    roles: Roles
    active: bool = True


class PasswordTold(Value):
    """A password, told this once."""

    person: Person
    password: str


class Key(Value):
    """A machine key, without its secret."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None


class NewKey(Value):
    """A key to make: its name, what it may be used for, and for how many days."""

    name: Name
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 90


class KeyTold(Value):
    """A key's secret, told this once. Send it as `Authorization: Bearer …`."""

    key: Key
    secret: str


@router.get("/people", summary="Everybody of the organisation", responses=answers(HTTPStatus.FORBIDDEN))
def people(at_desk: AtDesk, caller: SignedIn) -> tuple[Person, ...]:
    """By name, with roles."""
    return tuple(map(person, at_desk.store.accounts.all(caller.organisation_id)))


@router.post(
    "/people",
    status_code=HTTPStatus.CREATED,
    summary="Add a person",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
)
def add(asked: NewPerson, request: Request, at_desk: AtDesk, caller: SignedIn) -> PasswordTold:
    """409 when the name is taken, in whichever organisation."""
    made, password = add_person(
        office(request, at_desk, caller), asked.name, asked.roles, display_name=asked.display_name
    )
    return PasswordTold(person=person(made), password=password)


@router.patch(
    "/people/{account_id}",
    summary="Change roles, or let a person in or not",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change(account_id: AccountId, asked: PersonChange, request: Request, at_desk: AtDesk, caller: SignedIn) -> Person:
    """Holds from the person's next call on. 409 for one's own account."""
    return person(change_person(office(request, at_desk, caller), account_id, roles=asked.roles, active=asked.active))


@router.post(
    "/people/{account_id}/password",
    summary="Give a new password",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def password(account_id: AccountId, request: Request, at_desk: AtDesk, caller: SignedIn) -> PasswordTold:
    """Ends the person's sessions, and unlocks a name that failed too often."""
    found, told = renew_password(office(request, at_desk, caller), account_id)
    return PasswordTold(person=person(found), password=told)


@router.get("/keys", summary="Machine keys", responses=answers(HTTPStatus.FORBIDDEN))
def keys(at_desk: AtDesk, caller: SignedIn) -> tuple[Key, ...]:
    """Newest first, those revoked and over included."""
    return tuple(map(shown_key, at_desk.store.keys.all(caller.organisation_id)))


@router.post(
    "/keys", status_code=HTTPStatus.CREATED, summary="Make a machine key", responses=answers(HTTPStatus.FORBIDDEN)
)
def make_key(asked: NewKey, request: Request, at_desk: AtDesk, caller: SignedIn) -> KeyTold:
    """It acts in the organisation's name within its scopes, never on a person's decisions."""
    made, secret = add_key(office(request, at_desk, caller), asked.name, asked.scopes, days=asked.days)
    return KeyTold(key=shown_key(made), secret=secret)


@router.delete("/keys/{key_id}", summary="Revoke a key", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND))
def revoke(key_id: KeyId, request: Request, at_desk: AtDesk, caller: SignedIn) -> Key:
    """Refused from its next call on."""
    return shown_key(revoke_key(office(request, at_desk, caller), key_id))


def office(request: Request, at_desk: Desk, caller: Visitor) -> Office:
    """Where the caller acts as administrator."""
    return Office(
        store=at_desk.store,
        organisation=caller.organisation,
        actor=caller.account.name,
        at=at_desk.clock(),
        address=client_address(request),
        account_id=caller.account.account_id,
    )


def person(account: Account) -> Person:
    return Person(
        account_id=account.account_id,
        name=account.name,
        display_name=account.display_name,
        roles=account.roles,
        active=account.active,
        elsewhere=bool(account.identity),
    )


def shown_key(key: MachineKey) -> Key:
    return Key.model_validate(key.model_dump(exclude={"organisation_id", "key_hash"}))
