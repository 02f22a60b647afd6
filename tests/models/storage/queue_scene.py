"""Leads of sellers, and claims on them: what the contracts of the queue start from."""

from typing import Any

from models.leads import Screening
from models.queue.claims import Claim
from models.storage import SqlStore
from models.subjects import Seller
from tests.models.storage.samples import at, finding, listing, screening

CODE = "91331082MA2AAAAA0X"  # registered in 331082


OUTSIDE = "91440300MA5BBBBB1X"


def claim(lead_id: str, holder: str = "li", *, minutes: float = 0, lasts: float = 30, **more: Any) -> Claim:
    return Claim(lead_id=lead_id, holder=holder, claimed_at=at(minutes), expires_at=at(minutes + lasts), **more)


def recorded(store: SqlStore, *screenings: Screening) -> list[str]:
    store.screenings.record(list(screenings))
    return [each.subject.key.token for each in screenings]


def of_seller(number: int, name: str, *, uscc: str = "", platform: str = "taobao", score: float = 8.0) -> Screening:
    subject = listing(number, platform=platform, seller=Seller(name=name, uscc=uscc), category="日化 > 护手霜")
    return screening(subject, finding(subject, mark_id=None), score=score)
