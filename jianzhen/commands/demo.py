"""`jianzhen demo`: the whole thread on a fictional market, told on the terminal."""

import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from jianzhen.commands.terminal import note, out

if TYPE_CHECKING:
    from jianzhen.demo.shop_server import ShopServer
    from jianzhen.demo.stage import Stage
    from models.findings import Stance
    from models.leads import Lead
    from models.registry import Registry

FOLDER = Path(".jianzhen/demo")
PORT = 8321
SHOWN_REASONS = 3
PATIENCE_S = 10


def command(
    once: Annotated[bool, typer.Option("--once", help="演示完即结束 / end by itself")] = False,
    folder: Annotated[Path, typer.Option(help="演示数据的文件夹，每次重建 / its folder, made anew")] = FOLDER,
    port: Annotated[int, typer.Option(min=0, max=65535, help="控制台端口 / the console's port")] = PORT,
) -> None:
    """演示：抓取虚构的小集市，比对，受理一条，导出案件线索，打开控制台 / Crawl a fictional market, screen it, accept
    a lead, export its case lead, open the console."""
    from jianzhen.commands.up import Background
    from jianzhen.demo.shop_server import ShopServer
    from jianzhen.demo.stage import HOLDER, Stage
    from jianzhen.serving import Console

    stage = Stage.set(folder)
    with stage.engine, ShopServer(stage.market) as shops:
        play(stage, shops)
        password, editor = stage.admit(), stage.admit_holder()
        correspond(stage)
        with (
            Console(stage.engine, "127.0.0.1", port, or_free=True) as console,
            Background(stage.engine.relay(), "relay"),
        ):
            say(f"控制台 / console: [bold]{console.address}[/]  账号 / name: demo  密码 / password: {password}")
            say(f"权利人 / a rights holder: [bold]{HOLDER}[/]  密码 / password: {editor}")
            say(f"小集市 / the shops: {shops.address}")
            if once:
                check(console.address)
            else:
                note("Ctrl-C 结束 / ends")
                console.wait()


def play(stage: "Stage", shops: "ShopServer") -> None:
    """The steps, each with its outcome."""
    version, marks, goods = stage.register()
    say(f"① 权利登记 / registry: {marks} 件商标 / marks, {goods} 种参照商品 / goods (版本 / version {version[:12]})")
    report = stage.crawl(shops)
    report.check()
    say(f"② 抓取 / crawled: {report.pages} 个页面 / pages, {report.listings} 件商品 / listings")
    tally = stage.screen()
    say(f"③ 比对 / screened: {tally.screened} 件 / listings, {tally.leads} 条疑似 / leads")
    parcels, count = stage.tokenise()
    stage.ingest(parcels)
    tally = stage.screen()
    say(f"④ 寄递记录 / parcels: {count} 件去标识化 / tokenised, {tally.leads} 条疑似 / leads")
    leads = stage.leads()
    out().print(lead_table(leads, stage.engine.store.registry.current(stage.organisation_id)))
    say(f"⑤ 商标核验 / marks checked: {stage.check_marks()} 件，未核验的商标不得对外移送 / nothing leaves unchecked")
    for told in stage.case_leads(leads):
        case = told.standing
        ended = f"{case.result} ({case.state})" if case.result else case.state
        say(f"⑥ 案件线索 / case lead [bold]{case.case_number}[/]: {case.leads} 条疑似 / leads → {ended}")
        for path in told.files:
            say(f"   {escape(str(path))}")
        if told.receivers:
            say(f"   撤回须告知 / to be told of the withdrawal: {escape('、'.join(told.receivers))}")


def correspond(stage: "Stage") -> None:
    """The letter to the platform: its answers, its statement, and who may look at it."""
    told = stage.correspond(stage.leads())
    if told is None:
        return
    states = "、".join(f"{state} {count}" for state, count in told.states.items())
    say(f"⑦ 平台联络 / letter [bold]{told.batch_id}[/] → {escape(told.platform)}: {states}")
    if told.due_on:
        say(f"   商家声明，权利人答复期限 / a statement, to be answered by {told.due_on:%Y-%m-%d}")
    for path in told.files:
        say(f"   {escape(str(path))}")
    say(f"   平台联络人 / the platform's liaison: [bold]liaison[/]  密码 / password: {told.password}")


def lead_table(leads: "list[Lead]", registry: "Registry") -> Table:
    """The queue with the reasons for and against, as an officer reads it."""
    from models.findings import Stance

    table = Table(title="疑似信息 / Leads (待人工研判 / for a person to judge)", title_justify="left", show_lines=True)
    table.add_column("分数 / score", justify="right", no_wrap=True)
    table.add_column("对象 / subject", ratio=3, overflow="fold")
    table.add_column("商标 / mark", no_wrap=True)
    table.add_column("疑点 / for", ratio=6, overflow="fold")
    table.add_column("排除因素 / against", ratio=3, overflow="fold")
    for lead in leads:
        mark = registry.mark_by_id.get(lead.screening.assessment.mark_id or "")
        table.add_row(
            f"{lead.screening.assessment.score:.2f}",
            escape(title_of(lead)),
            escape(mark.text if mark else "-"),
            escape(reasons(lead, registry, Stance.FOR)),
            escape(reasons(lead, registry, Stance.AGAINST)),
        )
    return table


def reasons(lead: "Lead", registry: "Registry", stance: "Stance") -> str:
    """The heaviest findings of that stance as sentences, each fact once."""
    from models.explanations import explain

    weights = {each.finding_id: abs(each.points) for each in lead.screening.assessment.contributions}
    told: dict[str, str] = {}
    for finding in sorted(lead.screening.findings, key=lambda each: -weights.get(each.finding_id, 0.0)):
        if finding.stance is stance and finding.finding_id in weights and len(told) < SHOWN_REASONS:
            mark = registry.mark_by_id.get(finding.mark_id or "")
            told.setdefault(finding.fact, explain(finding, "zh", mark=mark.text if mark else ""))
    return "\n".join(told.values())


def title_of(lead: "Lead") -> str:
    """What a person calls the subject."""
    from models.subjects import Listing

    subject = lead.screening.subject
    if isinstance(subject, Listing):
        return f"{subject.title} ({subject.seller.name}, {subject.price if subject.price is not None else '无价格'})"
    return (
        f"快件 / parcel {subject.parcel_token[:12]}… {subject.origin} → {subject.destination} {subject.declared_goods}"
    )


def say(text: str) -> None:
    """One line of the demo's tale."""
    out().print(text, soft_wrap=True)


def check(address: str) -> None:
    """The console answers before the demo ends by itself."""
    for path in ("/healthz", "/readyz"):
        with urllib.request.urlopen(address + path, timeout=PATIENCE_S) as answer:  # noqa: S310 our own console
            say(f"   {address}{path}: {answer.status}")
