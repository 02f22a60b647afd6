"""The judge: holds what officers were told against what the store holds, to the last row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from models.dead_letters import payload_of
from models.identity import LOCAL
from models.leads import Disposition
from models.storage import SqlStore
from models.storage.engine import open_engine, reading, writing
from models.storage.queue import standing
from streams.bus.topics import DECISIONS
from tests.jianzhen.deciding.installation import Installation
from tests.jianzhen.deciding.officers import Deed, Journal


@dataclass(frozen=True)
class Finding:
    """What is wrong with the store, in numbers; all are zero after a drive of what is right."""

    lost: int
    """Answered with 2xx, or seen done, and not there as it was said."""
    doubled: int
    """Done twice."""
    foreign: int
    """There, and never sent."""
    untold: int
    """Stored decisions without their message for others."""
    told_falsely: int
    """Messages of decisions that are not stored, or told twice."""
    torn: int
    """Leads, cases and counts that do not fit each other."""
    unaudited: int
    """Answered, and not in the audit trail."""

    @property
    def nothing(self) -> bool:
        return not any(vars(self).values())


def judge(installation: Installation, journal: Journal) -> Finding:
    """After the drive: look at every row."""
    engine = open_engine(installation.settings)
    with reading(engine) as connection:

        def rows(statement: str) -> Sequence[Any]:
            return connection.execute(text(statement)).all()

        decisions = rows("SELECT lead_id, revision, disposition, reason, decided_by FROM decisions")
        leads = rows("SELECT lead_id, revision, disposition, case_number FROM leads")
        messages = rows(f"SELECT body FROM outbox WHERE topic = '{DECISIONS.name}'")
        audited = Counter(dict(rows("SELECT about, count(*) FROM audit_trail GROUP BY about")))
    engine.dispose()
    stored = {(row.lead_id, row.revision): row for row in decisions}
    cases = {row.lead_id: row.case_number for row in leads}
    heard = Counter(_told(row.body) for row in messages)
    wanted = Counter((*row[:3], row.decided_by, _case(row, cases)) for row in decisions)
    words = Counter((row.lead_id, row.reason.removeprefix("other: ")) for row in decisions)
    with installation.store() as store:
        torn = _torn(store, installation, leads, decisions)
    return Finding(
        lost=sum(not _there(lead, deed, case, stored, cases) for deed, case in _known(journal) for lead in deed.leads),
        doubled=sum(count - 1 for count in words.values()),
        foreign=len({said for _, said in words} - journal.sent),
        untold=sum((wanted - heard).values()),
        told_falsely=sum((heard - wanted).values()),
        torn=torn,
        unaudited=_unaudited(journal, audited),
    )


def _known(journal: Journal) -> list[tuple[Deed, str]]:
    """What officers know to be done, and the case lead that they were told of."""
    answered = [(deed, made if deed.disposition is Disposition.ACCEPTED else "") for deed, made in journal.answered]
    return answered + [(deed, "") for deed in journal.seen]


def _there(
    lead_id: str, deed: Deed, case_number: str, stored: dict[tuple[str, int], Any], cases: dict[str, str]
) -> bool:
    row = stored.get((lead_id, deed.revision + 1))
    return (
        row is not None
        and (row.disposition, row.decided_by) == (deed.disposition.value, deed.officer)
        and row.reason.removeprefix("other: ") == deed.words
        and (not case_number or cases[lead_id] == case_number)
    )


def _told(body: str) -> tuple[str, int, str, str, str]:
    event = DECISIONS.decode(payload_of(body))
    return event.lead_id, event.revision, event.disposition.value, event.by, event.case_number


def _case(decision: Any, cases: dict[str, str]) -> str:
    return cases[decision.lead_id] if decision.disposition == Disposition.ACCEPTED.value else ""


def _torn(store: SqlStore, installation: Installation, leads: Any, decisions: Any) -> int:
    """Leads that stand elsewhere than their last decision put them, cases without their lead or leads without their
    case, dossiers that do not prove their digest, and counts that do not add up."""
    last = {row.lead_id: row for row in sorted(decisions, key=lambda row: row.revision)}
    torn = sum(
        (row.revision, row.disposition) != (last[row.lead_id].revision, last[row.lead_id].disposition)
        if row.lead_id in last
        else (row.revision, row.disposition) != (0, Disposition.OPEN.value)
        for row in leads
    )
    held = {row.lead_id: row.case_number for row in leads if row.case_number}
    accepted = {row.lead_id for row in leads if row.disposition == Disposition.ACCEPTED.value}
    frozen = {lead.lead_id: case.case_number for case in store.case_leads.all(LOCAL) for lead in case.dossier.leads}
    torn += len(accepted ^ set(held)) + sum(held.get(lead) != case for lead, case in frozen.items())
    torn += len(set(held) - set(frozen))
    engine = open_engine(installation.settings)
    with writing(engine) as connection:
        fields = (standing.TRAITS, standing.MARK, standing.CATEGORY)
        kept = [standing.counts(connection, LOCAL, field) for field in fields]
        standing.rebuild(connection, LOCAL)
        torn += kept != [standing.counts(connection, LOCAL, field) for field in fields]
    engine.dispose()
    return torn


def _unaudited(journal: Journal, audited: Counter[str]) -> int:
    """How many of the answered deeds have no entry of their own."""
    return sum((Counter(made for _, made in journal.answered) - audited).values())
