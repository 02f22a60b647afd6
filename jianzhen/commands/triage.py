"""`jianzhen triage`: operating points, outcomes of cases, learning weights, comparing rules, grouping anew."""

import getpass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from jianzhen.commands.session import Session, session_of
from jianzhen.commands.terminal import note, print_table
from models.errors import InputError
from models.explanations import fact_title
from models.moments import now
from models.policy import CaseOutcome, LeadChange, OperatingPoint, RulesComparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from jianzhen.fitting import Proposal
    from models.registry import Registry

KEPT_REGISTRIES = 4

group = typer.Typer(help="研判规则 / The rules of triage.", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="理由，记入台账 / why, kept on record")]


@group.callback()
def about() -> None:
    """研判规则 / The rules of triage."""


@group.command("point")
def point(
    context: typer.Context,
    kind: Annotated[str, typer.Option(help="listing 或 parcel；不给则列出 / which kind; without it, list them")] = "",
    score: Annotated[float, typer.Option(help="达到此分数即列为疑似 / flagged from this score on")] = 0,
    reason: Reason = "",
) -> None:
    """查看或设定本单位的列疑分数线 / Show or set this organisation's operating points."""
    session = session_of(context)
    organisation_id = session.settings.organisation_id
    if kind:
        session.engine.store.triage.set_point(organisation_id, _point(organisation_id, kind, score, reason))
    shipped = session.engine.rules.policy.operating_point
    told = session.engine.store.triage.points(organisation_id)
    rows = [(each, shipped[each], told.get(each, "—")) for each in shipped]
    print_table("分数线 / operating points", ("对象 / kind", "规则 / rules", "本单位 / own"), rows, numbers=2)
    history = [
        (f"{each.decided_at:%Y-%m-%d %H:%M} UTC", each.kind, each.point, each.decided_by, each.reason)
        for each in session.engine.store.triage.points_set(organisation_id)
    ]
    if history:
        columns = ("时间 / when", "对象 / kind", "分数 / score", "经办 / by", "理由 / why")
        print_table("设定记录 / history", columns, history)


@group.command("outcome")
def outcome(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="案件线索编号 / case lead's number")],
    filed: Annotated[bool, typer.Option("--filed/--not-filed", help="立案或不予立案 / filed as a case, or not")],
    reason: Reason = "",
) -> None:
    """登记案件线索的立案结果 / Record what became of a case lead."""
    session = session_of(context)
    organisation_id = session.settings.organisation_id
    told = CaseOutcome(
        organisation_id=organisation_id,
        case_number=number,
        filed=filed,
        reason=reason,
        decided_by=getpass.getuser(),
        decided_at=now(),
    )
    session.engine.store.triage.record_outcome(organisation_id, told)
    note(f"已登记 / recorded: {number} {'立案 / filed' if filed else '不予立案 / not filed'}")


@group.command("fit")
def fit(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="建议稿写入的文件夹 / folder for the proposal")] = Path("triage-proposal"),
) -> None:
    """从立案结果与排除理由学习权重，写出建议稿，不会启用 / Learn weights from outcomes of cases and reasons of
    dismissals; writes a proposal and switches nothing on."""
    from detectors.triage import overridden
    from jianzhen.fitting import RULES, Proposal, learn_from, rules_text, write_proposal
    from jianzhen.rules_files import override_texts

    session = session_of(context)
    organisation_id, table = session.settings.organisation_id, session.engine.rules
    settled = session.engine.store.triage.settled(organisation_id)
    learned, skipped = learn_from(settled, _registries(session, organisation_id), table)
    at = now()
    text = rules_text(learned, table, at=at)
    named = session.settings.triage.rules
    texts = {f"0 {name}": each for name, each in override_texts(Path(named)).items()} if named else {}
    version = overridden({**texts, f"1 {RULES}": text}).version
    proposal = Proposal(learned, skipped, text, table.version, version)
    paths = write_proposal(proposal, out, at=at)
    _show_learned(proposal)
    for path in paths:
        typer.echo(str(path))
    note(f"建议稿未启用 / nothing was switched on: jianzhen triage compare --rules {paths[0]}")


@group.command("compare")
def compare(
    context: typer.Context,
    rules: Annotated[Path, typer.Option(help="新规则：TOML 文件或文件夹 / the new rules: a TOML file or a folder")],
    shown: Annotated[int, typer.Option(min=0, max=200, help="各列出多少条 / how many of each to list")] = 10,
    reason: Reason = "",
) -> None:
    """新规则会使哪些疑似信息增加或减少：用已存的比对结果重新计分，存档供控制台查看 / Which stored leads new rules
    would gain or lose: stored findings are weighed again, and the comparison is kept for the console."""
    from detectors.triage.comparison import compare as compared
    from jianzhen.rules_files import rules_with

    session = session_of(context)
    store, organisation_id = session.engine.store, session.settings.organisation_id
    table = rules_with(session.settings.triage.rules, rules).with_points(store.triage.points(organisation_id))
    found = compared(
        store.triage.standing(organisation_id),
        _registries(session, organisation_id),
        table,
        organisation_id=organisation_id,
        rules_version=session.engine.rules.version,
        by=getpass.getuser(),
        at=now(),
        note=reason or rules.name,
    )
    number = store.triage.save_comparison(organisation_id, found)
    _show_comparison(found, shown)
    note(f"已存为对比 {number}，控制台“研判规则”可见 / kept as comparison {number}; see the console")


@group.command("regroup")
def regroup(context: typer.Context) -> None:
    """按全部疑似信息重新归并同款，人工拆分与合并不变 / Group all leads anew; what people split and merged stays."""
    from detectors.grouping import Entry, propose

    session = session_of(context)
    groups, organisation_id = session.engine.store.groups, session.settings.organisation_id
    found = propose(
        Entry(each.lead_id, each.goods_key, each.title, tuple(int(value, 16) for value in each.pictures))
        for each in groups.sketches(organisation_id)
    )
    at = now()
    alarms = [alarm.model_copy(update={"raised_at": at}) for alarm in found.alarms]
    moved = groups.repropose(organisation_id, found.groups, alarms, at=at)
    rows = [
        ("关联线索组 / groups", len(found.groups)),
        ("归属变化的信息 / leads that moved", moved),
        ("疑似失控的组 / runaway groups", len(alarms)),
    ]
    print_table("同款归并 / grouping", ("", "数量 / count"), rows, numbers=1)


def _point(organisation_id: str, kind: str, score: float, reason: str) -> OperatingPoint:
    try:
        return OperatingPoint.model_validate(
            {
                "organisation_id": organisation_id,
                "kind": kind,
                "point": score,
                "reason": reason.strip(),
                "decided_by": getpass.getuser(),
                "decided_at": now(),
            }
        )
    except ValidationError as fault:
        name = str(fault.errors()[0]["loc"][0])
        option = {"point": "--score"}.get(name, f"--{name}")
        raise InputError(
            "分数线需要对象、大于 0 的分数和理由 / a point needs a kind, a score above 0 and a reason",
            where=option,
            mend="--kind listing --score 12 --reason …",
        ) from None


def _registries(session: Session, organisation_id: str) -> "Callable[[str], Registry]":
    @lru_cache(maxsize=KEPT_REGISTRIES)
    def at_version(version: str) -> "Registry":
        return session.engine.store.registry.at_version(organisation_id, version)

    return at_version


def _show_learned(proposal: "Proposal") -> None:
    learned = proposal.learned
    pairs = (("AUC", "auc"), ("Brier", "brier"), ("log loss", "log_loss"))
    figures = [
        (name, f"{getattr(learned.in_use, field):.3f}", f"{getattr(learned.learned, field):.3f}")
        for name, field in pairs
    ]
    title = f"{learned.examples} 条结果，立案 {learned.filed} / verdicts, filed; 未用 / left out {proposal.skipped}"
    print_table(title, ("交叉验证 / cross-validated", "现用 / in use", "学习 / learned"), figures, numbers=2)
    weights = [
        (f"{fact_title(slot.fact, 'zh')} / {slot.fact}{' (alone)' if slot.alone else ''}", learned.before[slot], weight)
        for slot, weight in sorted(learned.weights.items())
    ]
    print_table("权重 / weights", ("事实 / fact", "现用 / in use", "学习 / learned"), weights, numbers=2)
    if not learned.improves:
        note("对未见过的结果没有改进，不建议启用 / no better on unseen leads: better left off")


def _show_comparison(found: RulesComparison, shown: int) -> None:
    counts = [
        ("已存对象 / stored subjects", found.subjects),
        ("其中疑似 / leads", found.leads),
        ("将增加 / gained", found.gained_count),
        ("将减少 / lost", found.lost_count),
        ("新规则无法计分 / not weighed", found.unweighed),
    ]
    print_table(f"{found.rules_version[:8]} → {found.new_version[:8]}", ("", "数量 / count"), counts, numbers=1)
    for title, changes in (("将增加 / gained", found.gained), ("将减少 / lost", found.lost)):
        if changes and shown:
            columns = ("商品 / title", "商标 / mark", "原因 / because", "现 / old", "新 / new")
            print_table(title, columns, [_line(each) for each in changes[:shown]], numbers=2)


def _line(change: LeadChange) -> tuple[object, ...]:
    because = "; ".join(f"{fact_title(fact, 'zh')} {old:+.2f}→{new:+.2f}" for fact, old, new in change.because)
    return change.title, change.mark_id or "", because, f"{change.score:.2f}", f"{change.new_score:.2f}"
