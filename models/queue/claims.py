"""Claims (认领): whose turn a lead is, until when. A claim keeps colleagues from working on the same lead; it runs out
by itself, and says nothing about the lead."""

from pydantic import AwareDatetime

from models.identity import LOCAL
from models.values import Value


class Claim(Value):
    """Who holds a lead, by the account's name. `assigned_by` names the supervisor who gave it; empty for one's own."""

    organisation_id: str = LOCAL
    lead_id: str
    holder: str
    claimed_at: AwareDatetime
    expires_at: AwareDatetime
    assigned_by: str = ""

    def live(self, at: AwareDatetime) -> bool:
        return at < self.expires_at
