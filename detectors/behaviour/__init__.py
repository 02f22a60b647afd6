"""Behaviour: how a shop and the firm behind it act, as far as pages and public records show it.

`BehaviourDetector` (name `behaviour`) reads a listing with two optional snapshots of its context: `public-records`
(firms and penalties, imported by the user) and `shops` (`ShopTable`, built by the caller from the shop's listings).
Without them it tells what the page alone shows. All of it is weak: behaviour alone never flags.

Fact codes, all on no mark:

    credit-code-invalid      for: the stated credit code has a wrong check sign or form (GB 32100)
    credit-code-mismatch     for: the code belongs to a firm of another name than the page states
    operator-not-active      for: the register shows the firm as revoked or deregistered
    operator-confirmed       against: a firm on active registration, of the name that the page states
    earlier-penalty          for: published penalties of this firm
    sales-burst              for: more sales a day than goods of that price make
    reviews-repeated, reviews-one-day
                             for: quoted reviews repeat each other, or were nearly all written on one day
    shop-many-famous         for: a small shop with well-known marks of many unrelated holders
    shop-young-high-volume   for: opened days ago with the trade of years
    relisted-after-removal   for: the same title stood in this shop under another id and was taken down
"""

from detectors.behaviour.detector import BehaviourDetector
from detectors.behaviour.shops import SHOPS, ShopCounts, ShopTable

__all__ = ["SHOPS", "BehaviourDetector", "ShopCounts", "ShopTable"]
