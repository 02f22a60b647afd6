"""Twins meet as they come in: through the worker, however often a batch is delivered."""

from pathlib import Path

from models.ports import LeadQuery
from models.registry import Mark, Registry
from models.subjects import Listing
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, Screener, ScreeningWorker
from tests.streams.screening.workbench import NOON, WordDetector, prepare

TITLE = "KESTRELLO 户外防水轻量徒步鞋 男士网面透气"


def listing(number: int, title: str) -> Listing:
    return Listing(listing_id=f"twin-{number}", platform="集市", title=title)


def test_twins_come_to_share_a_group_and_stay_in_it(tmp_path: Path) -> None:
    bench = prepare(tmp_path)
    bus, store = bench.open_bus(), bench.open_store()
    mark = store.registry.current("local").marks[0]
    store.registry.commit("local", Registry(marks=(Mark(mark_id=mark.mark_id, text=mark.text),)), at=NOON)
    title = f"{mark.text} {TITLE}"
    subjects = [listing(1, title), listing(2, f"{title} 包邮"), listing(3, f"{mark.text} 儿童积木拼装玩具礼盒装大颗粒")]
    for batch in (subjects[:1], subjects[1:], subjects):
        bus.publish(LISTINGS, batch)
        ScreeningWorker(
            bus,
            (LISTINGS,),
            store,
            Screener((WordDetector(),)),
            ContextSource(store.registry),
            bench.worker_settings,
        ).run(until_idle=True)
    sizes = [store.groups.of_lead("local", each.key.token).size for each in subjects]
    assert sizes == [2, 2, 1]
    assert store.leads.find("local", LeadQuery(grouped=True)).total == 2
    bus.close()
