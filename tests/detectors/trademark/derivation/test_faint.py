"""Faint likeness: which pairs are kept of a matrix of sums, and the shipped table of them."""

from pathlib import Path

import numpy as np

from detectors.trademark.derivation.glyphs import FAINT_FROM, _faint, _write_faint
from detectors.trademark.tables import faint_likeness


def test_pairs_of_read_signs_with_common_ones_are_kept_once(tmp_path: Path) -> None:
    near = np.array([[0, 0.2, FAINT_FROM / 2], [0.2, 0, 2.5], [0.9, 2.5, 0]], dtype=np.float32)
    common, read = np.array([True, True, False]), np.array([True, True, False])
    row, column, sums = _faint(near, slice(4, 7), common, read)
    assert list(zip(row.tolist(), column.tolist(), sums.tolist(), strict=True)) == [(4, 1, 20), (5, 0, 20)]
    codes = np.array([0x4E00, 0x4E01], dtype=np.uint16)
    _write_faint(tmp_path / "faint.npz", codes[[0, 1]], codes[[1, 0]], sums)
    with np.load(tmp_path / "faint.npz") as arrays:
        assert np.cumsum(arrays["pairs"]).tolist() == [0x4E00 << 16 | 0x4E01]
        assert arrays["likeness"].tolist() == [20]


def test_the_shipped_table_is_symmetric_and_knows_parts_of_characters() -> None:
    faint = faint_likeness()
    assert int(faint.sums.min()) == round(100 * FAINT_FROM)
    for one, other in ("能熊", "天夫", "米采"):
        assert faint.of(ord(one))[ord(other)] == faint.of(ord(other))[ord(one)]
    assert ord("影") not in faint.of(ord("柔"))
    assert faint.of(0x20000) == {}
