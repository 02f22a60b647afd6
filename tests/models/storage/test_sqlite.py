"""The store's contract on SQLite."""

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


class TestRegistry(RegistryContract):
    engine = "sqlite"


class TestScreenings(ScreeningContract):
    engine = "sqlite"


class TestReadings(ReadingContract):
    engine = "sqlite"


class TestMarket(MarketContract):
    engine = "sqlite"


class TestLeads(LeadContract):
    engine = "sqlite"


class TestCaseLeads(CaseLeadContract):
    engine = "sqlite"


class TestAccounts(AccountContract):
    engine = "sqlite"


class TestAccess(AccessContract):
    engine = "sqlite"


class TestGroups(GroupContract):
    engine = "sqlite"


class TestTriage(TriageContract):
    engine = "sqlite"


class TestCaseChanges(CaseChangeContract):
    engine = "sqlite"


class TestRetries(RetryContract):
    engine = "sqlite"


class TestClaims(ClaimContract):
    engine = "sqlite"


class TestBulk(BulkContract):
    engine = "sqlite"


class TestStanding(StandingContract):
    engine = "sqlite"


class TestOrder(OrderContract):
    engine = "sqlite"


class TestKept(KeptContract):
    engine = "sqlite"


class TestSearch(SearchContract):
    engine = "sqlite"


class TestLiaison(LiaisonContract):
    engine = "sqlite"


class TestRights(RightsContract):
    engine = "sqlite"


class TestOutbox(OutboxContract):
    engine = "sqlite"


class TestLetter(LetterContract):
    engine = "sqlite"


class TestRescreening(RescreeningContract):
    engine = "sqlite"


class TestArchive(ArchiveContract):
    engine = "sqlite"
