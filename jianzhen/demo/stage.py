"""The demo's play: a fresh market, crawled, screened, three case leads carried to their documents.

Owns the order of the steps. Every step is the real part: the crawler over HTTP, the embedded log, the worker, the
store, the exports. Its settings come from here alone, so a configured installation is never touched.
"""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from crawlers import CrawlReport, crawl, read_source
from jianzhen.carrier.files import TokenisedFiles, tokenise_file
from jianzhen.commands.organisation import add_organisation, give_place
from jianzhen.commands.registry import import_registry
from jianzhen.commands.user import add_account
from jianzhen.demo.cases import OFFICER, CaseDesk, Told
from jianzhen.demo.liaison import Correspondence, LiaisonDesk
from jianzhen.demo.market import Market, read_market, write_registry, write_waybills
from jianzhen.demo.shop_server import ShopServer
from jianzhen.engine import Engine
from jianzhen.ingesting import publish_parcels
from jianzhen.registry_files import RegistryFiles
from jianzhen.settings import Settings, embedded_settings
from models.errors import InputError
from models.formats import Rejects
from models.leads import Lead
from models.mark_checks import USUAL_DAYS, CheckResult, Compared, MarkCheck, day_of
from models.moments import now
from models.organisations import OrganisationKind, Role
from models.ports import LeadQuery
from models.subjects import Listing
from streams.bus.topics import LISTINGS
from streams.screening.batches import Tally

# In one person, so that every page of a unit can be looked at.
OFFICER_ROLES = (Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
UNIT = "示例区市场监督管理局"
HOLDER = "holder"
CARRIER = "示例速递"
SIGN = "made-by-jianzhen-demo"
SOURCE = """\
name: demo-market
owner: jianzhen demo
kind: sitemap
platform: 小集市
start_urls: [{address}/sitemap.xml]
allow_private_addresses: true
expect: {{min_listings: {least}}}
"""


def demo_settings(folder: Path) -> Settings:
    """Everything in one folder; the shops live on loopback, so private addresses are allowed."""
    return embedded_settings(
        folder,
        fetch={"allow_private": True},
        crawl={"delay_s": 0.0, "concurrency": 8},
        review={"unit_name": UNIT},
    )


def clear(folder: Path) -> None:
    """Start from nothing. Only a folder that the demo made (it carries its sign) is ever removed. Raises `InputError`
    for one that holds anything else."""
    sign = folder / SIGN
    if folder.exists() and any(folder.iterdir()) and not sign.exists():
        raise InputError(
            "文件夹不是演示建的，不会清空 / the folder was not made by the demo and is left alone",
            where=str(folder),
            mend="换一个文件夹 / name another folder",
        )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    sign.touch()


@dataclass
class Stage:
    """The demo's parts and where its files lie; `found` maps the shops' article numbers to the crawl's listing ids."""

    engine: Engine
    market: Market
    folder: Path
    found: dict[str, str] = field(default_factory=dict)

    @classmethod
    def set(cls, folder: Path) -> "Stage":
        """A fresh stage: store migrated, topics made, market read."""
        clear(folder)
        engine = Engine(demo_settings(folder))
        engine.migrate()
        engine.create_topics()
        return cls(engine, read_market(), folder)

    @property
    def organisation_id(self) -> str:
        return self.engine.settings.organisation_id

    def register(self) -> tuple[str, int, int]:
        """The rights holders hand in their files; returns the version, marks, goods."""
        files = self.folder / "registry"
        write_registry(self.market, files)
        named = RegistryFiles(files / "marks.csv", files / "goods.csv", files / "authorised.csv")
        with Rejects() as rejects:
            version, registry, _ = import_registry(self.engine, named, rejects)
        return version, len(registry.marks), len(registry.goods)

    def crawl(self, shops: ShopServer) -> CrawlReport:
        """The crawler visits the shops over HTTP; listings go onto the log, pages into the object store."""
        file = self.folder / "demo-market.yml"
        file.write_text(SOURCE.format(address=shops.address, least=len(self.market.listings) // 2), "utf-8")

        def publish(listings: Sequence[Listing]) -> None:
            self.engine.bus.publish(LISTINGS, listings)
            self.found |= {listing.sku: listing.listing_id for listing in listings}

        return crawl(
            [read_source(file)],
            publish,
            self.engine.settings.crawl,
            organisation_id=self.organisation_id,
            captures=lambda _, body: self.engine.objects.put(body),
        )

    def screen(self) -> Tally:
        """The worker takes everything that waits, and what came of it is told to others."""
        tally = self.engine.worker().run(until_idle=True)
        self.engine.relay().drain()
        return tally

    def tokenise(self) -> tuple[Path, int]:
        """The carrier's side, in a folder of its own: waybills in, tokens out."""
        carrier = self.folder / "carrier"
        write_waybills(self.market, carrier / "waybills.csv", self.found)
        files = TokenisedFiles(
            keys=carrier / "private" / "keys.json",
            way_back=carrier / "private" / "way-back.jsonl",
            out=self.folder / "handed-over" / "parcels.jsonl",
        )
        with Rejects() as rejects:
            done = tokenise_file(carrier / "waybills.csv", files, rejects, carrier=CARRIER)
        return files.out, done.parcels

    def ingest(self, parcels: Path) -> int:
        """Tokenised parcels go onto the log."""
        with Rejects() as rejects:
            return publish_parcels(self.engine.bus, parcels, rejects, organisation_id=self.organisation_id)

    def leads(self) -> list[Lead]:
        """The queue, highest score first."""
        leads = self.engine.store.leads
        page = leads.find(self.organisation_id, LeadQuery(limit=100))
        return [leads.get(self.organisation_id, summary.lead_id) for summary in page.leads]

    def check_marks(self) -> int:
        """The officer compares every mark with its certificate and status: nothing leaves before. How many."""
        store, at = self.engine.store, now()
        marks = store.registry.current(self.organisation_id).marks
        for mark in marks:
            store.mark_checks.add(
                MarkCheck(
                    organisation_id=self.organisation_id,
                    mark=mark,
                    compared=tuple(Compared),
                    source="注册证复印件与公开查询页面（虚构）",
                    result=CheckResult.AGREES,
                    by=OFFICER,
                    at=at,
                    valid_until=day_of(at) + timedelta(days=USUAL_DAYS),
                )
            )
        return len(marks)

    def case_leads(self, leads: list[Lead]) -> Iterator[Told]:
        """The officer carries three case leads from lead to documents."""
        return CaseDesk(self.engine, self.organisation_id, self.folder / "case-leads").play(leads)

    def correspond(self, leads: list[Lead]) -> Correspondence | None:
        """The rights holder writes to the shops' platform, and its liaison answers."""
        return LiaisonDesk(self.engine, self.organisation_id, self.folder / "liaison").play(leads, HOLDER)

    def admit_holder(self) -> str:
        """A rights holder with a place in the registry, and its editor's account; returns its password."""
        store = self.engine.store
        holder = next(mark.holder for mark in store.registry.current(self.organisation_id).marks)
        add_organisation(store, HOLDER, OrganisationKind.RIGHTS_HOLDER, holder)
        give_place(store, self.organisation_id, HOLDER)
        return add_account(store, HOLDER, HOLDER, secrets.token_urlsafe(9))

    def admit(self) -> str:
        """The unit under its name, and the officer's account; returns the password."""
        unit = self.engine.store.organisations.get(self.organisation_id)
        self.engine.store.organisations.save(unit.model_copy(update={"name": UNIT}))
        return add_account(
            self.engine.store, OFFICER, self.organisation_id, secrets.token_urlsafe(9), roles=OFFICER_ROLES
        )
