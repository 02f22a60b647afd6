"""Learning weights from what became of leads: regularised logistic regression around the weights in use.

An example is a lead with a verdict: how strongly each fact was told on it (what its weight was multiplied by), and
whether its case was filed. The chance of that is modelled as logistic(s x score + b): s and b are the calibration of
the scores in use, so that learned weights stay on the scale of the operating point. The weights then minimise the log
loss plus a ridge around the weights in use, each in units of its own size; the strength of the ridge is chosen by
cross-validation. Signs are kept by construction: the minimiser (L-BFGS-B, Byrd 1995) is bounded at zero on the side
that the fact's stance forbids. scikit-learn's own LogisticRegression has neither bounds nor a centre for its ridge;
from scikit-learn come the folds and the figures, from SciPy, on which it stands, the minimiser. One thread does the
sums: they are too small to share, and come out the same on every machine.

Needs the extra `learn`; import this module only where it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from detectors.triage.rules import Rules
from detectors.triage.weighing import weigh
from models.errors import InputError
from models.findings import Stance
from models.policy import SettledLead, Verdict
from models.registry import Registry
from models.subjects import Listing

MINIMUM = 200  # verdicts in all
MINIMUM_EACH = 40  # of filed ones, and of others
OCCURRENCES = 10  # leads that a fact must be told on before its weight is learned
RIDGES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
FOLDS = 5
BINS = 10

# Dismissals that say nothing of how strong the facts were.
SAYS_NOTHING = frozenset({"duplicate", "mark-not-in-force"})

Floats = npt.NDArray[np.float64]


class Slot(NamedTuple):
    """A weight that may be learned: a fact's own, or the one that stands in when it is alone."""

    fact: str
    alone: bool


@dataclass(frozen=True)
class Example:
    """One lead with a verdict. `company` keeps a shop's leads together when examples are divided."""

    strengths: dict[Slot, float]
    score: float
    filed: bool
    company: str


class Bin(NamedTuple):
    """Leads of like chance: how many, what was expected and what came of them."""

    leads: int
    expected: float
    observed: float


class Figures(NamedTuple):
    """How well chances agree with verdicts, out of fold. Brier score and log loss: less is better."""

    auc: float
    brier: float
    log_loss: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Learned:
    """What was learned: a weight for each slot (rounded to 0.01), and the figures of the weights in use and of
    learning, both on leads that had no part in either."""

    weights: dict[Slot, float]
    before: dict[Slot, float]
    ridge: float
    examples: int
    filed: int
    in_use: Figures
    learned: Figures

    @property
    def improves(self) -> bool:
        """Whether learning tells leads that it has not seen better than the weights in use do."""
        return self.learned.log_loss < self.in_use.log_loss


def example(settled: SettledLead, registry: Registry, table: Rules) -> Example | None:
    """A lead's example under this table; None for a verdict that says nothing. Raises `ConfigurationError` when the
    table cannot weigh its findings."""
    if settled.verdict is Verdict.DISMISSED and settled.reason.partition(":")[0] in SAYS_NOTHING:
        return None
    subject = settled.screening.subject
    weighing = weigh(settled.screening.findings, registry, table)
    strengths: dict[Slot, float] = {}
    for line in weighing.lines:
        slot = Slot(line.finding.fact, line.alone)
        strengths[slot] = strengths.get(slot, 0.0) + line.factor * line.finding.score
    seller = subject.seller if isinstance(subject, Listing) else None
    company = (seller.uscc or seller.id or seller.name) if seller else ""
    return Example(strengths, weighing.score, settled.verdict is Verdict.FILED, company or subject.key.token)


def learn(examples: Sequence[Example], table: Rules) -> Learned:
    """Learn weights. Raises `InputError` when there are too few verdicts, or too few of one kind."""
    filed = sum(each.filed for each in examples)
    if len(examples) < MINIMUM or min(filed, len(examples) - filed) < MINIMUM_EACH:
        raise InputError(
            f"结案样本不足 / too few verdicts: {len(examples)} ({filed} filed); "
            f"needed {MINIMUM}, with {MINIMUM_EACH} filed and {MINIMUM_EACH} not",
            where="triage fit",
            mend="登记更多立案结果和排除理由 / record what became of more leads",
        )
    with threadpool_limits(1):
        return _learn(_Data.of(examples, table))


def _learn(data: "_Data") -> Learned:
    every = np.arange(len(data.filed))
    ridge, _ = _best_ridge(data, every)
    weights = data.with_signs(_fitted(data, every, ridge)[0])
    before = dict(zip(data.slots, data.priors.tolist(), strict=True))
    in_use, learned = _out_of_fold(data)
    told = {slot: round(float(weight), 2) + 0.0 for slot, weight in zip(data.slots, weights, strict=True)}
    return Learned(told, before, ridge, len(every), int(data.filed.sum()), in_use, learned)


@dataclass(frozen=True)
class _Data:
    """Examples as arrays. `offset` is what the weights that are not learned contribute."""

    slots: list[Slot]
    strengths: Floats
    offset: Floats
    filed: Floats
    companies: list[str]
    priors: Floats
    signs: Floats

    @classmethod
    def of(cls, examples: Sequence[Example], table: Rules) -> "_Data":
        told: dict[Slot, int] = {}
        for each in examples:
            for slot, strength in each.strengths.items():
                told[slot] = told.get(slot, 0) + (strength > 0)
        slots = sorted(slot for slot, count in told.items() if count >= OCCURRENCES and _weight(slot, table))
        strengths = np.array([[each.strengths.get(slot, 0.0) for slot in slots] for each in examples])
        strengths = strengths.reshape(len(examples), len(slots))
        priors = np.array([_weight(slot, table) for slot in slots])
        signs = np.array([1.0 if table.facts[slot.fact].stance is Stance.FOR else -1.0 for slot in slots])
        scores = np.array([each.score for each in examples])
        return cls(
            slots=slots,
            strengths=strengths,
            offset=scores - strengths @ priors,
            filed=np.array([float(each.filed) for each in examples]),
            companies=[each.company for each in examples],
            priors=priors,
            signs=signs,
        )

    def scores(self, places: npt.NDArray[np.int64], weights: Floats) -> Floats:
        told: Floats = self.strengths[places] @ weights + self.offset[places]
        return told

    def with_signs(self, weights: Floats) -> Floats:
        return np.where(weights * self.signs < 0, 0.0, weights)

    def folds(
        self, places: npt.NDArray[np.int64], count: int
    ) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Divisions that keep a company together, the same every time."""
        splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=0)
        companies = [self.companies[place] for place in places]
        return [(places[kept], places[tried]) for kept, tried in splitter.split(places, self.filed[places], companies)]


def _weight(slot: Slot, table: Rules) -> float:
    rule = table.facts[slot.fact]
    return rule.alone if slot.alone else rule.weight


def _calibrated(scores: Floats, filed: Floats) -> tuple[float, float]:
    """Scale and shift that turn scores into chances (Platt 1999), the scale positive."""

    def loss(params: Floats) -> tuple[float, Floats]:
        chance = expit(params[0] * scores + params[1])
        value = -np.mean(filed * np.log(chance + 1e-12) + (1 - filed) * np.log(1 - chance + 1e-12))
        error = (chance - filed) / len(filed)
        return float(value), np.array([error @ scores, error.sum()])

    found = minimize(loss, np.array([0.1, -1.0]), jac=True, method="L-BFGS-B", bounds=[(0.01, 2.0), (None, None)])
    return float(found.x[0]), float(found.x[1])


def _fitted(data: _Data, places: npt.NDArray[np.int64], ridge: float) -> tuple[Floats, float, float]:
    """Weights, scale and shift learned from these examples."""
    filed = data.filed[places]
    scale, shift = _calibrated(data.scores(places, data.priors), filed)
    units = np.maximum(1.0, np.abs(data.priors))

    def loss(params: Floats) -> tuple[float, Floats]:
        weights = params[:-1]
        chance = expit(scale * data.scores(places, weights) + params[-1])
        away = (weights - data.priors) / units
        value = -np.sum(filed * np.log(chance + 1e-12) + (1 - filed) * np.log(1 - chance + 1e-12))
        error = chance - filed
        slope = scale * data.strengths[places].T @ error + ridge * away / units
        return float(value + ridge / 2 * away @ away), np.append(slope, error.sum())

    bounds = [(0.0, None) if sign > 0 else (None, 0.0) for sign in data.signs]
    start = np.append(data.priors, shift)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return found.x[:-1], scale, float(found.x[-1])


def _best_ridge(data: _Data, places: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The ridge that tells held-out examples best, and its log loss."""
    folds = data.folds(places, 3)
    losses = []
    for ridge in RIDGES:
        chances = np.zeros(len(data.filed))
        for kept, tried in folds:
            weights, scale, shift = _fitted(data, kept, ridge)
            chances[tried] = expit(scale * data.scores(tried, weights) + shift)
        losses.append((float(log_loss(data.filed[places], chances[places], labels=[0, 1])), -ridge))
    loss, best = min(losses)
    return -best, loss


def _out_of_fold(data: _Data) -> tuple[Figures, Figures]:
    """Figures of the weights in use and of learning. Each example is told by what was learned without its fold, the
    choice of the ridge included."""
    every = np.arange(len(data.filed))
    in_use, learned = np.zeros(len(every)), np.zeros(len(every))
    for kept, tried in data.folds(every, FOLDS):
        scale, shift = _calibrated(data.scores(kept, data.priors), data.filed[kept])
        in_use[tried] = expit(scale * data.scores(tried, data.priors) + shift)
        weights, scale, shift = _fitted(data, kept, _best_ridge(data, kept)[0])
        learned[tried] = expit(scale * data.scores(tried, weights) + shift)
    return _figures(data.filed, in_use), _figures(data.filed, learned)


def _figures(filed: Floats, chances: Floats) -> Figures:
    order = np.argsort(chances, kind="stable")
    bins = [
        Bin(len(part), float(chances[part].mean()), float(filed[part].mean()))
        for part in np.array_split(order, BINS)
        if len(part)
    ]
    return Figures(
        auc=float(roc_auc_score(filed, chances)),
        brier=float(brier_score_loss(filed, chances)),
        log_loss=float(log_loss(filed, chances, labels=[0, 1])),
        bins=tuple(bins),
    )
