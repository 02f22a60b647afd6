"""`jianzhen eval`: what leads are worth against labels, printed and, where asked, written as JSON."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.terminal import note, print_table
from jianzhen.evaluation import Evaluation, Measure, evaluate
from jianzhen.whole_files import keep_inputs, replacing
from models.errors import InputError
from models.formats import Rejects, read_labels, read_leads

COLUMNS = (
    "组\ngroup",
    "行\nrows",
    "应有\nexpected",
    "命中\nfound",
    "召回\nrecall",
    "任意商标召回\nany mark",
    "误报\nfalse alarms",
    "误报率\nFPR",
    "精确率\nprecision",
    "平均精确率\nAP",
)


def command(
    leads: Annotated[Path, typer.Option(help="scan 写出的 leads.jsonl / written by scan")],
    labels: Annotated[Path, typer.Option(help="标注 labels.jsonl / what each listing should yield")],
    out: Annotated[Path | None, typer.Option(help="另存为 JSON / also write the figures as JSON")] = None,
) -> None:
    """对照标注评估线索质量：召回、误报、精确率、AP，按组列出 / Measure leads against labels, by group."""
    if out:
        keep_inputs((leads, labels), out)
    with Rejects() as rejects:
        known = read_labels(labels, rejects)
        found = {lead.listing_id: lead for lead in read_leads(leads, rejects) if lead.listing_id}
        for sample in rejects.samples:
            note(f"{sample['file']}:{sample['line']}: {sample['reason']} / {sample['reason_en']}")
    if not known:
        raise InputError("没有可用的标注 / there are no usable labels", where=str(labels))
    result = evaluate(known, found)
    show(result)
    if out:
        with replacing(out) as file:
            file.write(
                json.dumps(asdict(result), ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"
            )


def show(result: Evaluation) -> None:
    """Print the figures."""
    rows = [_row("全部 / all", result.overall)]
    if result.disputed.rows:
        rows += [
            _row("无争议 / undisputed", result.undisputed),
            _row("有争议 / disputed", result.disputed),
        ]
    print_table("线索评估 / Leads against labels", COLUMNS, rows, numbers=9)
    for field, groups in result.groups.items():
        print_table(f"按 {field} / by {field}", COLUMNS, [_row(name, m) for name, m in groups.items()], numbers=9)
    if result.missing:
        note(f"没有结果的标注 / labels without a line: {len(result.missing)} ({', '.join(result.missing[:5])})")
    if result.unlabelled:
        note(f"没有标注的结果 / lines without a label: {result.unlabelled}")


def _row(name: str, measure: Measure) -> tuple[object, ...]:
    return (
        name,
        measure.rows,
        measure.expected,
        measure.found,
        _share(measure.recall),
        _share(measure.recall_any),
        f"{measure.false_positives}/{measure.clean}",
        _share(measure.false_positive_rate),
        _share(measure.precision),
        _share(measure.average_precision if measure.clean else None),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
