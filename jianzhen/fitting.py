"""Fitting: from stored verdicts to a proposal that a person may switch on.

Owns the files of the proposal (rules, report, picture). Switches nothing on.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from detectors.triage import Rules, rules
from jianzhen.whole_files import replacing
from models.errors import ConfigurationError, NotFoundError
from models.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.triage.learning import Figures, Learned
    from models.policy import SettledLead

RULES, REPORT, PICTURE = "fitted.toml", "report.json", "reliability.png"
SIZE, MARGIN = 480, 56
INK, FAINT, BEFORE, AFTER = "#1c2430", "#c9ced6", "#8a93a1", "#0b5fa5"


@dataclass(frozen=True)
class Proposal:
    """What was learned and what it would be called: the rules' version once the proposed file is laid over them."""

    learned: "Learned"
    skipped: int
    text: str
    rules_version: str
    new_version: str


def learn_from(
    settled: "Iterable[SettledLead]", registry_at: "Callable[[str], Registry]", table: Rules
) -> "tuple[Learned, int]":
    """Learn from what the store holds; also how many verdicts could not be used. Raises `InputError` for too few, and
    `ConfigurationError` without the extra `learn`."""
    try:
        from detectors.triage.learning import example, learn
    except ImportError:
        raise ConfigurationError(
            "没有安装学习组件 / the part that learns is not installed",
            where="triage fit",
            mend="pip install jianzhen[learn]",
        ) from None
    examples, skipped = [], 0
    for each in settled:
        try:
            told = example(each, registry_at(each.screening.registry_version), table)
        except (ConfigurationError, NotFoundError):
            told = None
        skipped += told is None
        examples += [told] if told else []
    return learn(examples, table), skipped


def rules_text(learned: "Learned", table: Rules, *, at: datetime) -> str:
    """The proposed file: every learned fact whose weight is not the shipped one, in the form of the shipped tables."""
    shipped = rules()
    lines = [
        f"# 由结案结果学习的权重（建议稿）{at:%Y-%m-%d}，依据 {learned.examples} 条结果（立案 {learned.filed} 条）。",
        f"# Weights learned from {learned.examples} verdicts, {learned.filed} of them filed: a proposal.",
        "# 先运行 jianzhen triage compare --rules 本文件；确认后放入设置项 triage.rules 所指文件夹。",
        "# Run `jianzhen triage compare --rules` on it first; to switch it on, put it where `triage.rules` points.",
    ]
    facts = sorted({slot.fact for slot in learned.weights})
    for fact in facts:
        told = {slot.alone: weight for slot, weight in learned.weights.items() if slot.fact == fact}
        rule = table.facts[fact]
        weight, alone = told.get(False, rule.weight), told.get(True, rule.alone)
        fields = [("weight", weight, shipped.facts[fact].weight), ("alone", alone, shipped.facts[fact].alone)]
        changed = [f"{name} = {value}" for name, value, usual in fields if value != usual]
        if changed:
            lines += ["", f"[{fact}]", *changed]
    return "\n".join(lines) + "\n"


def report(proposal: Proposal, *, at: datetime) -> dict[str, Any]:
    """The figures, as they are written down."""
    learned = proposal.learned
    return {
        "made_at": at.isoformat(),
        "rules_version": proposal.rules_version,
        "new_version": proposal.new_version,
        "verdicts": learned.examples,
        "filed": learned.filed,
        "left_out": proposal.skipped,
        "ridge": learned.ridge,
        "improves": learned.improves,
        "method": "5 folds by shop; the ridge is chosen inside each; figures are of leads that had no part in learning",
        "in_use": _told(learned.in_use),
        "learned": _told(learned.learned),
        "weights": [
            {"fact": slot.fact, "alone": slot.alone, "before": learned.before[slot], "after": weight}
            for slot, weight in sorted(learned.weights.items())
        ],
    }


def reliability_picture(learned: "Learned") -> bytes:
    """The reliability plot as a PNG: expected against observed share of filed cases, ten bins of equal size; grey the
    weights in use, blue what was learned, the diagonal perfect agreement."""
    image = Image.new("RGB", (SIZE, SIZE), "white")
    draw = ImageDraw.Draw(image)

    def place(expected: float, observed: float) -> tuple[float, float]:
        width = SIZE - 2 * MARGIN
        return MARGIN + expected * width, SIZE - MARGIN - observed * width

    for step in range(6):
        share = step / 5
        draw.line([place(share, 0), place(share, 1)], fill=FAINT)
        draw.line([place(0, share), place(1, share)], fill=FAINT)
        draw.text((place(share, 0)[0] - 8, SIZE - MARGIN + 8), f"{share:.1f}", fill=INK)
        draw.text((MARGIN - 30, place(0, share)[1] - 6), f"{share:.1f}", fill=INK)
    draw.line([place(0, 0), place(1, 1)], fill=INK)
    for figures, colour in ((learned.in_use, BEFORE), (learned.learned, AFTER)):
        points = [place(each.expected, each.observed) for each in figures.bins]
        draw.line(points, fill=colour, width=2)
        for x, y in points:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
    draw.text((MARGIN, 12), f"in use:  Brier {learned.in_use.brier:.3f}, AUC {learned.in_use.auc:.3f}", fill=BEFORE)
    draw.text((MARGIN, 28), f"learned: Brier {learned.learned.brier:.3f}, AUC {learned.learned.auc:.3f}", fill=AFTER)
    draw.text((SIZE // 2 - 60, SIZE - 20), "expected share filed", fill=INK)
    draw.text((6, MARGIN - 18), "observed share filed", fill=INK)
    data = BytesIO()
    image.save(data, format="PNG", optimize=True)
    return data.getvalue()


def write_proposal(proposal: Proposal, folder: Path, *, at: datetime) -> tuple[Path, ...]:
    """Write the three files, each whole or not at all; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(report(proposal, at=at), ensure_ascii=False, indent=2) + "\n"
    contents = {
        RULES: proposal.text.encode(),
        REPORT: told.encode(),
        PICTURE: reliability_picture(proposal.learned),
    }
    for name, data in contents.items():
        with replacing(folder / name) as file:
            file.write(data)
    return tuple(folder / name for name in contents)


def _told(figures: "Figures") -> dict[str, Any]:
    return {
        "auc": round(figures.auc, 4),
        "brier": round(figures.brier, 4),
        "log_loss": round(figures.log_loss, 4),
        "bins": [
            {"leads": each.leads, "expected": round(each.expected, 4), "observed": round(each.observed, 4)}
            for each in figures.bins
        ],
    }
