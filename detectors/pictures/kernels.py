"""Kernels: the loops over keys, and over the codes that the tables name, compiled. Imported only where numba is
installed.

Owns the same arithmetic as `detectors.pictures.multi_index`; tests hold one to the other. A code that several tables
name is told several times: the caller makes them one.
"""

# Functions over arrays whose types the compiler takes from the call: annotations would only repeat "array".
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic


def _compiled(function: Any) -> Any:
    """Compiled on first use and kept on disk; compiled in every process where no folder can be written."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder for what it compiles
        return njit(nogil=True)(function)


@intrinsic
def _bits_set(typing_context, word):  # type: ignore[no-untyped-def]
    """How many bits of a 64-bit word are set: one instruction of the processor."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


bits_set: Any = _bits_set


@_compiled
def shared_out(pieces, masks, rings, starts, radius):  # type: ignore[no-untyped-def]
    """How many bits each piece may differ in (-1: it is not asked), and how many codes are then named: -1 where no
    sharing out misses nothing."""
    most = len(rings) - 1
    sizes = np.zeros((len(pieces), most), dtype=np.int64)
    for piece in range(len(pieces)):
        for bits in range(most):
            for number in range(rings[bits], rings[bits + 1]):
                key = np.int64(pieces[piece] ^ masks[number])
                sizes[piece, bits] += np.int64(starts[piece, key + 1]) - np.int64(starts[piece, key])
    reach = np.full(len(pieces), -1, dtype=np.int64)
    named = 0
    for _ in range(radius + 1):
        best = -1
        for piece in range(len(pieces)):
            if reach[piece] + 1 < most and (best < 0 or sizes[piece, reach[piece] + 1] < sizes[best, reach[best] + 1]):
                best = piece
        if best < 0:
            return reach, -1
        reach[best] += 1
        named += sizes[best, reach[best]]
    return reach, named


@_compiled
def near_words(query, pieces, reach, masks, rings, starts, order, ordered, radius, named):  # type: ignore[no-untyped-def]
    """Places of codes of one word within the radius, of those that the tables name (`named` of them at most)."""
    found = np.empty(named, dtype=np.uint32)
    count = 0
    limit = np.uint64(radius)
    for piece in range(len(pieces)):
        if reach[piece] < 0:
            continue
        for number in range(rings[reach[piece] + 1]):
            key = np.int64(pieces[piece] ^ masks[number])
            for place in range(np.int64(starts[piece, key]), np.int64(starts[piece, key + 1])):
                if bits_set(ordered[piece, place] ^ query) <= limit:
                    found[count] = order[piece, place]
                    count += 1
    return found[:count]


@_compiled
def near_codes(query, pieces, reach, masks, rings, starts, order, codes, radius, named):  # type: ignore[no-untyped-def]
    """The same for codes of four words."""
    found = np.empty(named, dtype=np.uint32)
    count = 0
    limit = np.uint64(radius)
    for piece in range(len(pieces)):
        if reach[piece] < 0:
            continue
        for number in range(rings[reach[piece] + 1]):
            key = np.int64(pieces[piece] ^ masks[number])
            for place in range(np.int64(starts[piece, key]), np.int64(starts[piece, key + 1])):
                code = np.int64(order[piece, place])
                apart = bits_set(codes[code, 0] ^ query[0]) + bits_set(codes[code, 1] ^ query[1])
                apart += bits_set(codes[code, 2] ^ query[2]) + bits_set(codes[code, 3] ^ query[3])
                if apart <= limit:
                    found[count] = order[piece, place]
                    count += 1
    return found[:count]


@_compiled
def near_all(query, codes, radius):  # type: ignore[no-untyped-def]
    """Places of all codes within the radius, each looked at once."""
    apart: Any = np.zeros(len(codes), dtype=np.uint16)
    for code in range(len(codes)):
        bits = np.uint64(0)
        for word in range(codes.shape[1]):
            bits += bits_set(codes[code, word] ^ query[word])
        apart[code] = bits
    return np.flatnonzero(apart <= radius)
