"""Weighing: what an organisation's leads are placed by: its rates, its regions, the campaigns that run."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from models.leads import Cell
from models.queue.campaigns import Campaign
from models.queue.places import Place, place_of
from models.queue.worth import QueueRates, Worth, worth_of
from models.storage import journal
from models.storage.access_tables import organisations


@dataclass(frozen=True)
class Weighing:
    """Everything that a lead's place is worked out from; without any of it every lead stands by its score."""

    rates: QueueRates = field(default_factory=QueueRates)
    regions: tuple[str, ...] = ()
    campaigns: tuple[Campaign, ...] = ()

    def place(self, division: str) -> Place:
        return place_of(division, self.regions)

    def worth(
        self,
        kind: str,
        cell: Cell | None,
        score: float,
        *,
        category: str,
        marks: Iterable[str],
        division: str,
        text: str,
    ) -> Worth:
        """What a minute on the lead is expected to yield, alone."""
        marks = list(marks)
        named = any(each.names(category=category, marks=marks, division=division, text=text) for each in self.campaigns)
        return worth_of(kind, cell, score, self.rates, in_campaign=named)


def weighing_of(connection: Connection, organisation_id: str, *, at: datetime) -> Weighing:
    """As it stands at that moment."""
    query = select(organisations.c.regions).where(organisations.c.organisation_id == organisation_id)
    regions = connection.execute(query).scalar_one_or_none()
    return Weighing(
        rates_of(connection, organisation_id),
        tuple(json.loads(regions)) if regions else (),
        tuple(each for each in campaigns_of(connection, organisation_id) if each.runs(at)),
    )


def rates_of(connection: Connection, organisation_id: str) -> QueueRates:
    """The newest rates; empty ones before any were measured."""
    found = journal.entries(connection, organisation_id, journal.QUEUE_RATES, QueueRates, limit=1)
    return found[0][1] if found else QueueRates()


def campaigns_of(connection: Connection, organisation_id: str) -> tuple[Campaign, ...]:
    """Every campaign as it stands, the one that ends last first."""
    found = journal.entries(connection, organisation_id, journal.CAMPAIGNS, Campaign)
    newest = {campaign.campaign_id: campaign for _, campaign in reversed(found)}
    return tuple(
        sorted(newest.values(), key=lambda each: (each.ends_on, each.starts_on, each.campaign_id), reverse=True)
    )
