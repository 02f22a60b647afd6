"""The store's contract on a real PostgreSQL."""

import pytest

from tests.models.storage.access_contract import AccessContract
from tests.models.storage.accounts_contract import AccountContract
from tests.models.storage.archive_contract import ArchiveContract
from tests.models.storage.case_changes_contract import CaseChangeContract
from tests.models.storage.case_leads_contract import CaseLeadContract
from tests.models.storage.groups_contract import GroupContract
from tests.models.storage.leads_contract import LeadContract
from tests.models.storage.liaison_contract import LiaisonContract
from tests.models.storage.market_contract import MarketContract
from tests.models.storage.queue_contract import KeptContract, OrderContract, StandingContract
from tests.models.storage.registry_contract import RegistryContract
from tests.models.storage.retries_contract import RetryContract
from tests.models.storage.rights_contract import RightsContract
from tests.models.storage.screenings_contract import ReadingContract, ScreeningContract
from tests.models.storage.search_contract import SearchContract
from tests.models.storage.traffic_contract import LetterContract, OutboxContract, RescreeningContract
from tests.models.storage.triage_contract import TriageContract
from tests.models.storage.turns_contract import BulkContract, ClaimContract

pytestmark = pytest.mark.postgres


class TestRegistry(RegistryContract):
    engine = "postgresql"


class TestScreenings(ScreeningContract):
    engine = "postgresql"


class TestReadings(ReadingContract):
    engine = "postgresql"


class TestMarket(MarketContract):
    engine = "postgresql"


class TestLeads(LeadContract):
    engine = "postgresql"


class TestCaseLeads(CaseLeadContract):
    engine = "postgresql"


class TestAccounts(AccountContract):
    engine = "postgresql"


class TestAccess(AccessContract):
    engine = "postgresql"


class TestGroups(GroupContract):
    engine = "postgresql"


class TestTriage(TriageContract):
    engine = "postgresql"


class TestCaseChanges(CaseChangeContract):
    engine = "postgresql"


class TestRetries(RetryContract):
    engine = "postgresql"


class TestClaims(ClaimContract):
    engine = "postgresql"


class TestBulk(BulkContract):
    engine = "postgresql"


class TestStanding(StandingContract):
    engine = "postgresql"


class TestOrder(OrderContract):
    engine = "postgresql"


class TestKept(KeptContract):
    engine = "postgresql"


class TestSearch(SearchContract):
    engine = "postgresql"


class TestLiaison(LiaisonContract):
    engine = "postgresql"


class TestRights(RightsContract):
    engine = "postgresql"


class TestOutbox(OutboxContract):
    engine = "postgresql"


class TestLetter(LetterContract):
    engine = "postgresql"


class TestRescreening(RescreeningContract):
    engine = "postgresql"


class TestArchive(ArchiveContract):
    engine = "postgresql"
