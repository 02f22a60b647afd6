"""Grouping: twin listings, told by their titles, pictures and goods, at any number.

Owns the rule of what twins are (`twins`), the buckets in which they meet (`buckets`) and the proposal for a whole stock
(`proposal`). Keeps nothing: `models.storage.groups` holds the groups and what people made of them.
"""

from detectors.grouping.buckets import sketch_of
from detectors.grouping.proposal import Proposal, propose
from detectors.grouping.twins import Entry, are_twins, entry_of, goods_key, twin_sketches

__all__ = ["Entry", "Proposal", "are_twins", "entry_of", "goods_key", "propose", "sketch_of", "twin_sketches"]
