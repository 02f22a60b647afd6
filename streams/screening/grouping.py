"""Grouping as leads come in: each flagged listing is put into the group of its twins.

Follows the storing of a batch, and is repeated with it when it is delivered again; what is placed already stays.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from detectors.grouping import entry_of, sketch_of, twin_sketches
from detectors.grouping.twins import PICTURES
from models.groups import GroupAlarm, Sketch
from models.leads import Screening
from models.ports import Store
from models.subjects import Listing

log = structlog.get_logger(__name__)


def place_twins(
    store: Store, organisation_id: str, screenings: Sequence[Screening], *, at: datetime
) -> tuple[GroupAlarm, ...]:
    """Place the flagged listings of one organisation; returns the alarms that this raised. Raises `TransientFault`."""
    sketches = sketches_of(store, organisation_id, screenings)
    alarms = store.groups.place(organisation_id, sketches, twin_sketches, at=at) if sketches else ()
    for alarm in alarms:
        log.warning("a group would run away", group=alarm.group_id, kind=alarm.kind.value, members=alarm.members)
    return alarms


def sketches_of(store: Store, organisation_id: str, screenings: Sequence[Screening]) -> list[Sketch]:
    """What the flagged listings' twins are told by, each subject once, as its last screening here has it."""
    flagged = {
        each.subject.key.token: (each.subject, each.assessment.mark_id)
        for each in screenings
        if each.assessment.flagged and isinstance(each.subject, Listing)
    }
    shown = {token: listing.images[:PICTURES] for token, (listing, _) in flagged.items()}
    addresses = {address for images in shown.values() for address in images}
    readings = store.screenings.readings(organisation_id, addresses) if addresses else {}
    return [
        sketch_of(entry_of(token, listing, mark_id, [readings[name] for name in shown[token] if name in readings]))
        for token, (listing, mark_id) in flagged.items()
    ]
