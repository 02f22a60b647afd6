"""The files that go in and out: readers that refuse a bad row with its line and go on, writers to the letter.

Each module is one file of the contract; `tables`, `lines`, `cells`,
`prices`, `reasons` and `rejects` are what they share.
"""

from models.formats.hits import HitEntry, hit_line, read_queries
from models.formats.labels import Expectation, Label, read_labels
from models.formats.leads import ReadFinding, ReadLead, lead_line, read_leads
from models.formats.listings import ColumnMap, PlacedListing, listing_line, read_listings, read_placed
from models.formats.parcels import read_parcels
from models.formats.registry import (
    read_authorised,
    read_goods,
    read_marks,
    read_numbers,
    read_operators,
    read_penalties,
)
from models.formats.rejects import Rejects

__all__ = [
    "ColumnMap",
    "Expectation",
    "HitEntry",
    "Label",
    "PlacedListing",
    "ReadFinding",
    "ReadLead",
    "Rejects",
    "hit_line",
    "lead_line",
    "listing_line",
    "read_authorised",
    "read_goods",
    "read_labels",
    "read_leads",
    "read_listings",
    "read_marks",
    "read_numbers",
    "read_operators",
    "read_parcels",
    "read_penalties",
    "read_placed",
    "read_queries",
]
