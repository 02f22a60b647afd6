"""Parcels: duties missing at acceptance, and dispatch promised from abroad that began at home.

`ParcelDetector` (name `parcels`) reads parcel records, and the listing a parcel carries where it is known. It leaves to
`detectors.triage` what a gap weighs.

Fact codes, all on no mark:

    inspection-missing, real-name-missing, xray-missing   for: a duty recorded as not done
    duty-unrecorded                for: a duty that the record leaves open while it tells of others
    identity-exempt                against: letters and agreement customers need no identity check
    overseas-claim-domestic-route  for: promised from abroad, sent from home (假海淘)
    cleared-customs                against: a customs event on the way
    bonded-dispatch                against: bonded or domestic stock is what was promised
"""

from detectors.parcels.detector import ParcelDetector

__all__ = ["ParcelDetector"]
