"""Registration: the act that turns leads into a case lead, in the name of whoever is signed in."""

from models.case_leads import MONITORING, CaseLead
from review_api.desk import Desk
from review_api.sessions import Visitor

LONGEST_NOTE = 4000
LONGEST_DETAIL = 200


def register(
    at_desk: Desk,
    caller: Visitor,
    revisions: dict[str, int],
    *,
    note: str,
    source: str = MONITORING,
    source_detail: str = "",
) -> CaseLead:
    """Accept these leads (id -> revision seen) into one case lead. Raises what `CaseLeadStore.register` raises."""
    return at_desk.store.case_leads.register(
        caller.organisation_id,
        revisions,
        by=caller.account.name,
        at=at_desk.clock(),
        note=note.strip(),
        source=source,
        source_detail=source_detail,
    )
