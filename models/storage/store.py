"""One database behind the store's faces."""

from sqlalchemy import Engine

from models.storage import walls
from models.storage.accounts import SqlAccountStore
from models.storage.archiving import SqlArchiveStore
from models.storage.audit import SqlAuditStore
from models.storage.cases.store import SqlCaseLeadStore
from models.storage.dead_letters import SqlDeadLetterStore
from models.storage.engine import open_engine, reading, take_stock
from models.storage.groups import SqlGroupStore
from models.storage.leads import SqlLeadStore
from models.storage.liaison.store import SqlLiaisonStore
from models.storage.mark_checks import SqlMarkCheckStore
from models.storage.market import SqlMarketStore
from models.storage.migration import check_revision
from models.storage.organisations import SqlKeyStore, SqlOrganisationStore
from models.storage.outbox import SqlOutboxStore
from models.storage.queue.bulk import SqlBulkStore
from models.storage.queue.campaigns import SqlCampaignStore
from models.storage.queue.claims import SqlClaimStore
from models.storage.queue.order import SqlOrderStore
from models.storage.queue.parties import SqlPartyStore
from models.storage.queue.search import SqlSearchStore
from models.storage.queue.views import SqlViewStore
from models.storage.referrals import SqlReferralStore
from models.storage.registry import SqlRegistryStore
from models.storage.rescreenings import SqlRescreeningStore
from models.storage.retries import SqlRetryStore
from models.storage.rights import SqlRightsStore
from models.storage.screenings import SqlScreeningStore
from models.storage.settings import StoreSettings
from models.storage.triage import SqlTriageStore
from models.storage.verification import SqlVerificationStore


class SqlStore:
    """Implements `models.ports.Store`. Safe to share between threads; every process opens its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.registry = SqlRegistryStore(engine)
        self.screenings = SqlScreeningStore(engine)
        self.leads = SqlLeadStore(engine)
        self.groups = SqlGroupStore(engine)
        self.triage = SqlTriageStore(engine)
        self.case_leads = SqlCaseLeadStore(engine)
        self.retries = SqlRetryStore(engine)
        self.accounts = SqlAccountStore(engine)
        self.market = SqlMarketStore(engine)
        self.organisations = SqlOrganisationStore(engine)
        self.keys = SqlKeyStore(engine)
        self.audit = SqlAuditStore(engine)
        self.referrals = SqlReferralStore(engine)
        self.claims = SqlClaimStore(engine)
        self.bulk = SqlBulkStore(engine)
        self.parties = SqlPartyStore(engine)
        self.views = SqlViewStore(engine)
        self.campaigns = SqlCampaignStore(engine)
        self.order = SqlOrderStore(engine)
        self.search = SqlSearchStore(engine)
        self.liaison = SqlLiaisonStore(engine)
        self.rights = SqlRightsStore(engine)
        self.mark_checks = SqlMarkCheckStore(engine)
        self.verification = SqlVerificationStore(engine)
        self.outbox = SqlOutboxStore(engine)
        self.dead_letters = SqlDeadLetterStore(engine)
        self.rescreenings = SqlRescreeningStore(engine)
        self.archive = SqlArchiveStore(engine)

    def acting_for(self, organisation_id: str) -> "SqlStore":
        """See the port."""
        return SqlStore(walls.bound(self._engine, organisation_id))

    def ping(self) -> None:
        """See the port."""
        with reading(self._engine) as connection:
            check_revision(connection)

    def close(self) -> None:
        """Give back every connection, and leave the file with stock taken for whoever opens it next."""
        self._engine.dispose()
        take_stock(self._engine)


def open_store(settings: StoreSettings) -> SqlStore:
    """The store at that address; connects when first used. Raises `ConfigurationError` for a wrong address."""
    return SqlStore(open_engine(settings))
