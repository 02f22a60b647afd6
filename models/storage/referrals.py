"""Referrals: written by the unit, read by the unit, by the holder, and by an agent within its power of attorney."""

from datetime import datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from models.errors import ConflictError, NotFoundError
from models.referrals import Referral
from models.storage.access_tables import referrals
from models.storage.engine import reading, writing
from models.storage.organisations import SqlOrganisationStore
from models.storage.tables import leads


class SqlReferralStore:
    """Implements `models.access.ReferralStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, referral: Referral) -> None:
        """See the port."""
        columns = referral.model_dump(
            include={"organisation_id", "referral_id", "holder_id", "lead_id", "revision", "referred_at"}
        )
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(referrals).values(**columns, body=referral.model_dump_json()))
        except IntegrityError:
            raise ConflictError(
                "this holder has the lead already, as it stands", where=f"lead {referral.lead_id}"
            ) from None

    def of_lead(self, organisation_id: str, lead_id: str) -> tuple[Referral, ...]:
        """See the port."""
        named = select(leads.c.lead_id).where(leads.c.organisation_id == organisation_id, leads.c.lead_id == lead_id)
        query = select(referrals.c.body).where(
            referrals.c.organisation_id == organisation_id, referrals.c.lead_id == lead_id
        )
        with reading(self._engine) as connection:
            if connection.execute(named).first() is None:
                raise NotFoundError(f"no lead {lead_id!r}", mend="it may belong to another organisation")
            rows = connection.execute(query.order_by(referrals.c.referred_at.desc(), referrals.c.referral_id)).scalars()
            return tuple(map(Referral.model_validate_json, rows))

    def received(self, holder_id: str) -> tuple[Referral, ...]:
        """See the port."""
        query = select(referrals.c.body).where(referrals.c.holder_id == holder_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(referrals.c.referred_at.desc(), referrals.c.referral_id)).scalars()
            return tuple(map(Referral.model_validate_json, rows))

    def received_by_agent(self, agent_id: str, *, at: datetime) -> tuple[Referral, ...]:
        """See the port."""
        found: list[Referral] = []
        for power in SqlOrganisationStore(self._engine).powers_of(agent_id, at=at):
            for referral in self.received(power.holder_id):
                if not power.mark_ids:
                    found.append(referral)
                elif reduced := referral.projection.within(power.mark_ids):
                    found.append(referral.model_copy(update={"projection": reduced}))
        return tuple(sorted(found, key=lambda each: (each.referred_at, each.referral_id), reverse=True))
