"""Wording: the words that copies are sold with, ways off the platform, forbidden claims.

`WordingDetector` (name `wording`) reads title, description, attributes and seller's name through the trademark
detector's folding. Rules are data (`data/*.toml`) with id, legal basis, source and example, and a user adds files of
the same shape. Leaves marks to `detectors.trademark` and weights to `detectors.triage`.

Fact codes, on no mark but for `claim-official`; `params` hold the `rule` and its `basis`:

    counterfeit-wording      for: a word of copies in any disguise; up to three independent ones
    contact-diversion        for: a way off the platform; numbers and handles are told masked and without a span
    claim-official           for: a shop named after a mark calls itself official and is not on the holder's list
    claim-absolute, claim-medical, claim-state, claim-endorsed
                             for: claims that advertising law forbids; nothing of copies follows from them
    number-malformed         for: a patent, licence or certificate number of a wrong form or check digit
    number-unknown, number-expired, number-mismatch
                             for: not in the imported table, out of its dates, of another holder or product
    number-missing           for: the category's goods must carry such a number and a detailed page has none
    number-confirmed         against: in the table, in force, of this holder and product
    counterfeit-word-denied  against: the word is there and the seller says the opposite
    authenticity-promised    against: a promise of genuine goods, told and never counted
"""

from detectors.wording.detector import WordingDetector
from detectors.wording.rules import WordingRules, shipped_rules, with_own

__all__ = ["WordingDetector", "WordingRules", "shipped_rules", "with_own"]
