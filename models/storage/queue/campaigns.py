"""Campaigns and statements: entries of the journal, of which the newest of a campaign holds."""

from sqlalchemy import Engine

from models.errors import ConflictError, NotFoundError
from models.moments import now
from models.queue.campaigns import Campaign
from models.queue.statements import Statement
from models.storage import counters, journal
from models.storage.engine import reading, writing
from models.storage.queue.claims import require_lead
from models.storage.queue.weighing import campaigns_of


class SqlCampaignStore:
    """Implements `models.queue.keeping.CampaignStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, organisation_id: str) -> tuple[Campaign, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return campaigns_of(connection, organisation_id)

    def get(self, organisation_id: str, campaign_id: str) -> Campaign:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(
                connection, organisation_id, journal.CAMPAIGNS, Campaign, about=campaign_id, limit=1
            )
        if not found:
            raise NotFoundError(f"no campaign {campaign_id!r}", mend="it may belong to another organisation")
        return found[0][1]

    def save(self, organisation_id: str, campaign: Campaign) -> Campaign:
        """See the port."""
        with writing(self._engine) as connection:
            counters.advance(connection, organisation_id, f"journal-{journal.CAMPAIGNS}", by=0)  # one at a time
            found = journal.entries(
                connection, organisation_id, journal.CAMPAIGNS, Campaign, about=campaign.campaign_id, limit=1
            )
            stands = found[0][1].revision if found else 0
            if campaign.revision and not found:
                raise NotFoundError(
                    f"no campaign {campaign.campaign_id!r}", mend="it may belong to another organisation"
                )
            if campaign.revision != stands:
                raise ConflictError(
                    f"the campaign is at revision {stands}, not {campaign.revision}",
                    where=f"campaign {campaign.campaign_id}",
                    mend="load it again and change what it shows now",
                )
            kept = campaign.model_copy(update={"revision": stands + 1, "organisation_id": organisation_id})
            at = kept.changed_at or now()
            journal.append(connection, organisation_id, journal.CAMPAIGNS, kept, about=kept.campaign_id, at=at)
        return kept

    def add_statement(self, organisation_id: str, statement: Statement, *, revision: int | None = None) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            require_lead(connection, organisation_id, statement.lead_id, revision)
            about, at = statement.lead_id, statement.recorded_at
            journal.append(connection, organisation_id, journal.STATEMENTS, statement, about=about, at=at)

    def statements(self, organisation_id: str, lead_id: str) -> tuple[Statement, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            require_lead(connection, organisation_id, lead_id, None)
            found = journal.entries(connection, organisation_id, journal.STATEMENTS, Statement, about=lead_id)
        return tuple(entry for _, entry in found)
