"""Readings: texts as rows of elements with the way back to the original, made for a whole batch at once.

Owns the stream that everything else compares: each element is one letter or character after folding
(`detectors.trademark.alphabet`), knows the code points of the original that it stands for, and whether a name may
begin there. Nothing is looked up per text in Python: a batch is one array.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.trademark.alphabet import CODE_POINTS, DIGIT, HAN, alphabet, sound_tables, with_signs_between
from detectors.trademark.tables import table

# A longer text is read this far: a page's title never is, and the work stays bounded.
READ_LIMIT = 2000

U32 = npt.NDArray[np.uint32]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Readings:
    """A batch of texts as elements. Arrays of one length, but for `first`.

    `shape` is the folded code point, `sound` the number of its usual reading with near sounds folded, `syllable`
    without folding; `text` the text's number; `start` and `end` the code points of that text it stands for, end
    exclusive; `han` whether it is a character; `opens` whether a name may begin before it (and end after the one
    before). `first[t]` is the first element of text `t`; `first[-1]` the number of elements. `texts` are the texts as
    far as they were read.
    """

    shape: U32
    sound: U32
    syllable: U32
    text: I32
    start: I32
    end: I32
    han: Flags
    opens: Flags
    first: npt.NDArray[np.int64]
    texts: Sequence[str]

    def piece(self, start: int, end: int) -> str:
        """What the elements [start, end) of one text stand for."""
        return self.texts[int(self.text[start])][int(self.start[start]) : int(self.end[end - 1])]

    def __len__(self) -> int:
        return len(self.shape)


def read(texts: Sequence[str]) -> Readings:
    """Read a batch. Any string is taken, lone surrogates and control characters included."""
    cut = [text[:READ_LIMIT] for text in texts]
    plain = [with_signs_between(text) for text in cut]  # of the same length
    lengths = np.array([len(text) for text in cut], dtype=np.int64)
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table_ = alphabet()
    count = table_.count[codes].astype(np.int64)
    source = np.repeat(np.arange(len(codes)), count)
    begins = np.cumsum(count) - count
    within = np.arange(len(source)) - begins[source]
    shape = table_.flat[table_.offset[codes[source]] + within] if len(source) else np.zeros(0, dtype=np.uint32)
    text_of_code = np.repeat(np.arange(len(cut)), lengths)
    base = (np.cumsum(lengths) - lengths)[text_of_code]
    text = text_of_code[source]
    start = source - base[source]
    opens = _openings(codes[source], within, text, start)
    shape, keep, span = _joined(shape, text)
    return _gathered(shape, text, start, start + 1, table_.kind[codes[source]] == HAN, opens, keep, span, cut)


def _openings(codes: U32, within: npt.NDArray[np.int64], text: npt.NDArray[np.int64], start: I32) -> Flags:
    """Where a name may begin: at a text's start, after a sign, beside a character, between letters and digits, and at
    a capital after a small letter."""
    known = alphabet()
    kind, upper = known.kind[codes], known.upper[codes]
    opens = np.ones(len(codes), dtype=np.bool_)
    if len(codes) > 1:
        same_text = text[1:] == text[:-1]
        touching = start[1:] - start[:-1] <= 1
        letters = (kind[1:] != HAN) & (kind[:-1] != HAN)
        one_kind = (kind[1:] == DIGIT) == (kind[:-1] == DIGIT)
        camel = upper[1:] & ~upper[:-1] & (kind[:-1] != DIGIT)
        opens[1:] = ~(same_text & touching & letters & one_kind & ~camel) & (within[1:] == 0)
    return opens


def _joined(shape: U32, text: npt.NDArray[np.int64]) -> tuple[U32, Flags, npt.NDArray[np.int64]]:
    """Two letters seen as one (rn, vv) become one element: the folded shapes, which to keep, how many each covers."""
    shape = shape.copy()
    keep = np.ones(len(shape), dtype=np.bool_)
    span = np.ones(len(shape), dtype=np.int64)
    for pair, one in table("letters")["sequences"].items():
        first, second = map(ord, pair)
        hits = np.flatnonzero((shape[:-1] == first) & (shape[1:] == second) & (text[:-1] == text[1:]))
        taken = -1
        for hit in hits.tolist():
            if hit > taken and keep[hit]:
                shape[hit], keep[hit + 1], span[hit], taken = ord(one), False, 2, hit + 1
    return shape, keep, span


def _gathered(
    shape: U32,
    text: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    han: Flags,
    opens: Flags,
    keep: Flags,
    span: npt.NDArray[np.int64],
    texts: Sequence[str],
) -> Readings:
    kept = np.flatnonzero(keep)
    last = kept + span[kept] - 1
    shape = shape[kept]
    text = text[kept]
    folded, exact = sound_tables()
    bounded = np.minimum(shape, CODE_POINTS - 1)
    return Readings(
        shape=shape,
        sound=folded[bounded],
        syllable=exact[bounded],
        text=text.astype(np.int32),
        start=start[kept].astype(np.int32),
        end=end[last].astype(np.int32),
        han=han[kept],
        opens=opens[kept],
        first=np.searchsorted(text, np.arange(len(texts) + 1)).astype(np.int64),
        texts=texts,
    )
