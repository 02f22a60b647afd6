"""Training of the second opinion with scikit-learn, exported as plain arrays.

Owns how `PriceForest` is made. Needs the extra `learn`; whoever only scores does not. The same rows give the same
model: one seed, one order.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.price.forest import FEATURES, PriceForest, average_path
from detectors.price.peer_policy import forest_policy
from models.errors import ConfigurationError, InputError

TREES, SAMPLES, SEED = 100, 256, 20260301
LEAST_ROWS = 256


def train(rows: npt.NDArray[np.float64]) -> PriceForest:
    """A forest over rows of `FEATURES` (NaN: not told), in any order. Raises `InputError` for too few rows and
    `ConfigurationError` without scikit-learn."""
    if len(rows) < LEAST_ROWS:
        raise InputError(
            f"{len(rows)} 条可比报价，至少需要 {LEAST_ROWS} 条 / comparable offers, at least {LEAST_ROWS} are needed",
            mend="给出更多商品信息 / give more listings",
        )
    rows = rows[np.lexsort(rows.T[::-1])]
    medians = np.array([_median(rows[:, place]) for place in range(len(FEATURES))])
    told = np.where(np.isnan(rows), medians, rows)
    fitted = _fit(told)
    arrays = _arrays(fitted)
    average = average_path(fitted.max_samples_)
    first = PriceForest({**arrays, "medians": medians, "tuning": np.array([average, 0.5, 1.0])})
    strange = np.sort(first.strangeness(told))
    begins = strange[min(len(strange) - 1, math.ceil(len(strange) * (1 - forest_policy().strange)))]
    tuning = np.array([average, begins, max(strange[-1], begins + 1e-6)])
    return PriceForest.from_arrays({**arrays, "medians": medians, "tuning": tuning})


def reference_strangeness(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What scikit-learn itself says of the rows it was trained on: the oracle for our own scoring."""
    rows = rows[np.lexsort(rows.T[::-1])]
    return np.asarray(-_fit(rows).score_samples(rows))


def _fit(told: npt.NDArray[np.float64]) -> Any:
    try:
        from sklearn.ensemble import IsolationForest
    except ImportError:
        raise ConfigurationError(
            "训练需要 scikit-learn / training needs scikit-learn",
            where="jianzhen price train",
            mend="pip install 'jianzhen[learn]'",
        ) from None
    forest = IsolationForest(n_estimators=TREES, max_samples=min(SAMPLES, len(told)), random_state=SEED)
    return forest.fit(told)


def _arrays(fitted: Any) -> dict[str, npt.NDArray[np.generic]]:
    """The trees one after the other, each leaf with the length of the path to it."""
    parts: dict[str, list[npt.NDArray[np.generic]]] = {
        name: [] for name in ("feature", "threshold", "left", "right", "length")
    }
    roots, behind = [], 0
    for estimator, columns in zip(fitted.estimators_, fitted.estimators_features_, strict=True):
        tree = estimator.tree_
        leaf = tree.children_left < 0
        roots.append(behind)
        parts["feature"].append(np.where(leaf, -1, columns[np.maximum(tree.feature, 0)]))
        parts["threshold"].append(np.where(leaf, 0.0, tree.threshold))
        parts["left"].append(np.where(leaf, 0, tree.children_left + behind))
        parts["right"].append(np.where(leaf, 0, tree.children_right + behind))
        parts["length"].append(np.where(leaf, _depths(tree) + _rest(tree), 0.0))
        behind += tree.node_count
    return {"roots": np.array(roots), **{name: np.concatenate(some) for name, some in parts.items()}}


def _depths(tree: Any) -> npt.NDArray[np.float64]:
    depths = np.zeros(tree.node_count)
    for node in range(tree.node_count):
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depths[child] = depths[node] + 1
    return depths


def _rest(tree: Any) -> npt.NDArray[np.float64]:
    """The path that a leaf of several samples would still have."""
    return np.array([average_path(float(count)) for count in tree.n_node_samples])


def _median(column: npt.NDArray[np.float64]) -> float:
    told = column[~np.isnan(column)]
    return float(np.median(told)) if len(told) else 0.0
