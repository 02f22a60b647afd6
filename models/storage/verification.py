"""Answers on referrals, and records on leads."""

from sqlalchemy import Engine, insert, select

from models.errors import NotFoundError
from models.storage import journal
from models.storage.engine import reading, writing
from models.storage.rights_tables import referral_answers
from models.storage.tables import leads
from models.verification import LeadRecord, ReferralAnswer


class SqlVerificationStore:
    """Implements `models.verification.VerificationStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, answer: ReferralAnswer) -> None:
        """See the port."""
        columns = answer.model_dump(
            include={"organisation_id", "answer_id", "referral_id", "unit_id", "holder_id", "at"}
        )
        with writing(self._engine) as connection:
            connection.execute(insert(referral_answers).values(**columns, body=answer.model_dump_json()))

    def answers(self, referral_ids: tuple[str, ...]) -> dict[str, tuple[ReferralAnswer, ...]]:
        """See the port."""
        table = referral_answers
        query = select(table.c.body).where(table.c.referral_id.in_(referral_ids))
        with reading(self._engine) as connection:
            bodies = connection.execute(query.order_by(table.c.at.desc(), table.c.answer_id)).scalars().all()
        found: dict[str, tuple[ReferralAnswer, ...]] = {}
        for one in map(ReferralAnswer.model_validate_json, bodies):
            found[one.referral_id] = (*found.get(one.referral_id, ()), one)
        return found

    def record(self, record: LeadRecord) -> LeadRecord:
        """See the port."""
        named = select(leads.c.lead_id).where(
            leads.c.organisation_id == record.organisation_id, leads.c.lead_id == record.lead_id
        )
        with writing(self._engine) as connection:
            if connection.execute(named).first() is None:
                raise NotFoundError(f"no lead {record.lead_id!r}", mend="it may belong to another organisation")
            number = journal.append(
                connection, record.organisation_id, journal.LEAD_RECORDS, record, about=record.lead_id, at=record.at
            )
        return record.model_copy(update={"number": number})

    def records(self, organisation_id: str, lead_id: str) -> tuple[LeadRecord, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.LEAD_RECORDS, LeadRecord, about=lead_id)
        return tuple(record.model_copy(update={"number": number}) for number, record in found)
