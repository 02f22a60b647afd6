"""Subjects: what is screened. An open set; each kind knows its key and its canonical content."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Protocol, runtime_checkable

from pydantic import AwareDatetime, Field

from models.identity import LOCAL, SubjectKey, observation_id
from models.values import Value

Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6, allow_inf_nan=False)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code")]
NiceClass = Annotated[int, Field(ge=1, le=45)]
Uscc = Annotated[str, Field(max_length=18, description="统一社会信用代码, GB 32100")]

# When a subject was seen is a fact about the sighting, not about the subject: it does not make a new observation.
SIGHTING = frozenset({"organisation_id", "captured_at", "zone_assumed", "source", "capture_sha256"})


@runtime_checkable
class Subject(Protocol):
    """What the worker needs of any subject."""

    @property
    def key(self) -> SubjectKey: ...

    @property
    def observation_id(self) -> str: ...


class Seller(Value):
    """The seller as the listing shows it: a shop (店铺), and the operator's code where it is displayed."""

    id: str = ""
    name: str = ""
    uscc: Uscc = ""
    location: str = ""


class Listing(Value):
    """Goods offered on a page (商品信息); names follow schema.org Product and Offer."""

    organisation_id: str = LOCAL
    listing_id: Annotated[str, Field(min_length=1, max_length=512)]
    platform: Annotated[str, Field(min_length=1, max_length=128)]
    title: Annotated[str, Field(min_length=1)]
    price: Amount | None = None
    currency: Currency | None = None
    url: str = ""
    description: str = ""
    list_price: Amount | None = None
    sales: Annotated[int, Field(ge=0)] | None = None
    category: str = ""
    nice_class: NiceClass | None = None
    brand: str = ""
    sku: str = ""
    gtin: str = ""
    availability: str = ""
    condition: Literal["new", "used", "refurbished"] | None = None
    seller: Seller = Seller()
    ships_from: str = ""
    images: tuple[str, ...] = ()
    captured_at: AwareDatetime | None = None
    capture_sha256: str = ""
    zone_assumed: bool = False
    attributes: dict[str, str] = Field(default_factory=dict)
    source: str = ""

    @property
    def key(self) -> SubjectKey:
        return SubjectKey(self.organisation_id, "listing", self.platform, self.listing_id)

    @property
    def observation_id(self) -> str:
        return observation_id(self.key, self.content(without=SIGHTING))


class RouteEvent(Value):
    """One scan on a parcel's way."""

    time: AwareDatetime
    place: str = ""
    code: str = ""


class ParcelRecord(Value):
    """One parcel's acceptance and route facts (邮件快件信息). It has no field for a name, a phone, an address or an
    identity number: personal data cannot enter. Tokens are made on the carrier's side by `jianzhen tokenise`."""

    organisation_id: str = LOCAL
    parcel_token: Annotated[str, Field(min_length=1, max_length=128)]
    carrier: Annotated[str, Field(min_length=1, max_length=64)]
    accepted_at: AwareDatetime | None = None
    outlet: str = ""
    origin: str = ""
    destination: str = ""
    declared_goods: str = ""
    declared_category: str = ""
    declared_quantity: Annotated[int, Field(ge=0)] | None = None
    declared_value: Amount | None = None
    weight_g: Annotated[int, Field(ge=0)] | None = None
    sender_token: str = ""
    sender_uscc: Uscc = ""
    identity_exempt: bool = False
    order_ref: str = ""
    listing_id: str = ""
    inspected_at_acceptance: bool | None = None
    real_name_verified: bool | None = None
    xray_screened: bool | None = None
    events: tuple[RouteEvent, ...] = ()
    zone_assumed: bool = False
    source: str = ""

    @property
    def key(self) -> SubjectKey:
        return SubjectKey(self.organisation_id, "parcel", self.carrier, self.parcel_token)

    @property
    def observation_id(self) -> str:
        return observation_id(self.key, self.content(without=SIGHTING))

    @property
    def captured_at(self) -> datetime | None:
        """When the carrier took it in."""
        return self.accepted_at


AnySubject = Listing | ParcelRecord
SUBJECT_TYPES: dict[str, type[Listing] | type[ParcelRecord]] = {"listing": Listing, "parcel": ParcelRecord}
