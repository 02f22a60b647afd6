"""Kernels: the loops over questions, compiled. Imported only where numba is installed.

Owns the same arithmetic as `detectors.trademark.search` and `detectors.trademark.sieve`, one question at a time instead
of one step for all: tests hold each to the other, bit by bit. Few and plain on purpose: a worker that finds no compiled
form of them on disk waits for the compiler once.
"""

# Functions over arrays whose types the compiler takes from the call: annotations would only repeat "array".
from typing import Any

import numpy as np
from numba import njit

POWER = np.uint64(0x9E3779B97F4A7C15)
GOLDEN = np.uint64(0xBF58476D1CE4E5B9)
SILVER = np.uint64(0x94D049BB133111EB)
CHANNEL = np.uint64(0x632BE59BD9B4E019)
SCATTER = np.uint64(0x9E3779B1)
LOW = np.uint64(0xFFFFFFFF)
ONE = np.uint64(1)
SIX = np.uint64(63)
UNHEARD = 1000
TOGETHER = 16  # as in `stretches`
SHORTEST, LONG = 4, 6  # as in `edges`
AT_ONCE = 1024  # questions put to the filter together


def _compiled(function: Any) -> Any:
    """Compiled on first use and kept on disk; compiled in every process where no folder can be written."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder for what it compiles
        return njit(nogil=True)(function)


@_compiled
def scattered(number):  # type: ignore[no-untyped-def]
    """As `keys.scattered`."""
    bits = np.uint64(number) + POWER
    bits = (bits ^ (bits >> np.uint64(30))) * GOLDEN
    bits = (bits ^ (bits >> np.uint64(27))) * SILVER
    return bits ^ (bits >> np.uint64(31))


@_compiled
def sealed(sums, channel):  # type: ignore[no-untyped-def]
    """As `keys.sealed`."""
    bits = (sums ^ (np.uint64(channel) * CHANNEL)) * SILVER
    return bits ^ (bits >> np.uint64(32))


@_compiled
def may_hold(key, table_filter):  # type: ignore[no-untyped-def]
    """As `Postings.may_hold`."""
    head = key >> np.uint64(32)
    word = table_filter[np.int64(head * np.uint64(len(table_filter)) >> np.uint64(32))]
    mixed = head * SCATTER & LOW
    mask = (ONE << (mixed >> np.uint64(26))) | (ONE << (mixed >> np.uint64(20) & SIX))
    return word & mask == mask


@_compiled
def passing(keys, table_filter):  # type: ignore[no-untyped-def]
    """The places of the keys that the filter does not turn away."""
    kept = np.empty(len(keys), dtype=np.int64)
    count = 0
    for place in range(len(keys)):
        kept[count] = place
        count += 1 if may_hold(keys[place], table_filter) else 0
    return kept[:count]


@_compiled
def rows_of(keys, buckets, prints, rows, bits):  # type: ignore[no-untyped-def]
    """As `Postings.rows_of`. In three passes, so that what is looked up is fetched side by side."""
    firsts, lasts = np.empty(len(keys), dtype=np.int64), np.empty(len(keys), dtype=np.int64)
    total = 0
    for place in range(len(keys)):
        bucket = np.int64(keys[place] >> np.uint64(64 - bits))
        firsts[place], lasts[place] = buckets[bucket], buckets[bucket + 1]
        total += lasts[place] - firsts[place]
    places, found = np.empty(total + 1, dtype=np.int64), np.empty(total + 1, dtype=np.int64)
    count = 0
    for place in range(len(keys)):
        wanted = np.uint8(keys[place] >> np.uint64(56 - bits) & np.uint64(255))
        for row in range(firsts[place], lasts[place]):
            places[count], found[count] = place, row
            count += 1 if prints[row] == wanted else 0
    names = np.empty(count, dtype=np.int64)
    for number in range(count):
        names[number] = rows[found[number]]
    return places[:count], names


@_compiled
def edged(sums, size, edge, edges):  # type: ignore[no-untyped-def]
    """As `edges.holds`."""
    told_apart = (np.uint64(size) * np.uint64(4) + np.uint64(edge)) * CHANNEL
    head = (sums ^ told_apart) * SILVER >> np.uint64(32)
    place = head * (np.uint64(len(edges)) * np.uint64(8)) >> np.uint64(32)
    return edges[np.int64(place >> np.uint64(3))] >> np.uint8(place & np.uint64(7)) & np.uint8(1) == np.uint8(1)


@_compiled
def window(sums, inverses, start, end, gone):  # type: ignore[no-untyped-def]
    """The sum of [start, end) without the element at `gone`, where that is one of them."""
    if gone < start or gone >= end:
        return (sums[end] - sums[start]) * inverses[start]
    left = (sums[gone] - sums[start]) * inverses[start]
    return left + (sums[end] - sums[gone + 1]) * inverses[start + 1]


@_compiled
def may_begin(sums, inverses, start, size, gone, edge, edges):  # type: ignore[no-untyped-def]
    """Whether a name of so many elements may begin as the window from `start` without the element at `gone`."""
    wide = 2 if size < LONG else 3
    last = start + wide
    return edged(window(sums, inverses, start, last + (1 if gone < last else 0), gone), size, edge, edges)


@_compiled
def may_end(sums, inverses, end, size, gone, edge, edges):  # type: ignore[no-untyped-def]
    """Whether a name of so many elements may end as the window up to `end` without the element at `gone`."""
    first = end - (2 if size < LONG else 3)
    return edged(window(sums, inverses, first - (1 if gone >= first else 0), end, gone), size, edge + 1, edges)


@_compiled
def told(windows, keys, count, found, table_filter):  # type: ignore[no-untyped-def]
    """Add to what was found those of the first `count` questions that the filter does not turn away; returns what was
    found so far. Many are asked at once, so that the words of the filter are fetched side by side."""
    kept = 0
    for place in range(count):
        which, key = windows[place], keys[place]
        windows[kept], keys[kept] = which, key
        kept += 1 if may_hold(key, table_filter) else 0
    held_windows, held_keys, held = found
    if held + kept > len(held_windows):
        more = 2 * len(held_windows) + kept
        held_windows, held_keys = grown(held_windows, held, more), grown(held_keys, held, more)
    held_windows[held : held + kept] = windows[:kept]
    held_keys[held : held + kept] = keys[:kept]
    return held_windows, held_keys, held + kept


@_compiled
def grown(array, held, size):  # type: ignore[no-untyped-def]
    """A longer array with the first values of another."""
    longer = np.empty(size, dtype=array.dtype)
    longer[:held] = array[:held]
    return longer


@_compiled
def but_one(  # type: ignore[no-untyped-def]
    sums, inverses, start, end, windows_, replaced, added, longer_from, edge, table_filter, edges
):
    """Windows without each of their elements in turn, sealed for `replaced` and, of windows of at least `longer_from`
    elements, for `added`: the windows and keys that neither the edges nor the filter turn away."""
    found = np.empty(AT_ONCE, dtype=np.int64), np.empty(AT_ONCE, dtype=np.uint64), 0
    windows, keys = np.empty(2 * AT_ONCE, dtype=np.int64), np.empty(2 * AT_ONCE, dtype=np.uint64)
    count = 0
    for which in windows_:
        first, last = start[which], end[which]
        size = last - first
        begins = size < SHORTEST or may_begin(sums, inverses, first, size, last, edge, edges)
        ends = size < SHORTEST or may_end(sums, inverses, last, size, -1, edge, edges)
        whole = size >= longer_from
        whole_begins = size <= SHORTEST or (whole and may_begin(sums, inverses, first, size - 1, last, edge, edges))
        whole_ends = size <= SHORTEST or (whole and may_end(sums, inverses, last, size - 1, -1, edge, edges))
        wide, whole_wide = 2 if size < LONG else 3, 2 if size - 1 < LONG else 3
        for gone in range(first, last):
            asked = begins or ends
            if size >= SHORTEST:
                cut_first, cut_last = gone < first + wide, gone >= last - wide
                if cut_first and not cut_last:
                    asked = ends or may_begin(sums, inverses, first, size, gone, edge, edges)
                elif cut_last and not cut_first:
                    asked = begins or may_end(sums, inverses, last, size, gone, edge, edges)
            asked_whole = whole and whole_begins and whole_ends
            if whole and size > SHORTEST:
                cut_first, cut_last = gone < first + whole_wide, gone >= last - whole_wide
                if cut_first and not cut_last:
                    asked_whole = whole_ends and may_begin(sums, inverses, first, size - 1, gone, edge, edges)
                elif cut_last and not cut_first:
                    asked_whole = whole_begins and may_end(sums, inverses, last, size - 1, gone, edge, edges)
            if not asked and not asked_whole:
                continue
            bare = window(sums, inverses, first, last, gone)
            if asked:
                windows[count], keys[count] = which, sealed(bare, replaced)
                count += 1
            if asked_whole:
                windows[count], keys[count] = which, sealed(bare, added)
                count += 1
            if count >= AT_ONCE:
                found = told(windows, keys, count, found, table_filter)
                count = 0
    found = told(windows, keys, count, found, table_filter)
    return found[0][: found[2]].copy(), found[1][: found[2]].copy()


@_compiled
def otherwise(  # type: ignore[no-untyped-def]
    sums,
    inverses,
    powers,
    hashes,
    start,
    end,
    windows_,
    codes,
    first_of,
    count_of,
    others,
    left_out,
    channel,
    edge,
    table_filter,
    edges,
):
    """Windows with each element in turn replaced by each of its `others` (element `e` has those of `codes[e]`), and,
    with `left_out`, each of the rest left out in turn: the windows and keys that neither the edges nor the filter turn
    away."""
    found = np.empty(AT_ONCE, dtype=np.int64), np.empty(AT_ONCE, dtype=np.uint64), 0
    windows, keys = np.empty(2 * AT_ONCE, dtype=np.int64), np.empty(2 * AT_ONCE, dtype=np.uint64)
    count = 0
    for which in windows_:
        first, last = start[which], end[which]
        size = last - first
        whole = window(sums, inverses, first, last, -1)
        begins = left_out or size < SHORTEST or may_begin(sums, inverses, first, size, last, edge, edges)
        ends = left_out or size < SHORTEST or may_end(sums, inverses, last, size, -1, edge, edges)
        wide = 2 if size < LONG else 3
        for place in range(first, last):
            if not ((begins or place < first + wide) and (ends or place >= last - wide)):
                continue
            code = codes[place]
            for number in range(first_of[code], first_of[code] + count_of[code]):
                change = scattered(others[number]) - hashes[place]
                if not left_out:
                    windows[count], keys[count] = which, sealed(whole + change * powers[place - first], channel)
                    count += 1
                for gone in range(first, last if left_out else first):
                    if gone != place:
                        bare = window(sums, inverses, first, last, gone)
                        bare += change * powers[place - first - (1 if gone < place else 0)]
                        windows[count], keys[count] = which, sealed(bare, channel)
                        count += 1
                if count >= AT_ONCE:
                    found = told(windows, keys, count, found, table_filter)
                    count = 0
    found = told(windows, keys, count, found, table_filter)
    return found[0][: found[2]].copy(), found[1][: found[2]].copy()


@_compiled
def apart(shape, sound, codes, begin, at, size, known, two_up_to, limits):  # type: ignore[no-untyped-def]
    """As `sieve._replaced`: how far a window and a name of one length are apart at least."""
    han, heard, heard_too, first, near, far, _ = known
    replaced, at_worst, same_syllable, swapped, shuffled = limits[:5]
    distance, balance, moved, silent = 0.0, np.int64(0), 0, 0
    for place in range(size):
        one, other = np.int64(shape[begin + place]), np.int64(codes[at + place])
        if one == other:
            continue
        balance += one - other
        moved += 1
        best = at_worst if han[other] and not han[one] else replaced
        spoken = sound[begin + place]
        if spoken == heard[other] or spoken == heard_too[other]:
            best = same_syllable
        else:
            silent += 1
        for number in range(first[other], first[other + 1]):
            if near[number] == one:
                best = min(best, far[number])
                break
        distance += best
    if silent > 2 or (silent == 2 and (moved > 2 or size > two_up_to)):
        distance = 100.0
    if balance == 0:
        distance = min(distance, swapped if moved == 2 else min(swapped, shuffled))
    return distance


@_compiled
def one_more(shape, sound, codes, begin, read, at, meant, known, limits):  # type: ignore[no-untyped-def]
    """As `sieve._one_more`: how far a window and a name of one element more or less are apart at least."""
    heard, heard_too = known[1], known[2]
    same_syllable, added, dropped = limits[2], limits[5], limits[6]
    more = 1 if read > meant else 0
    shorter = min(read, meant)
    least = UNHEARD
    for gone in range(shorter + 1):
        cost = 0
        for place in range(shorter):
            here = begin + place + (more if place >= gone else 0)
            other = np.int64(codes[at + place + (1 - more if place >= gone else 0)])
            if np.int64(shape[here]) != other:
                spoken = sound[here]
                cost += 1 if spoken == heard[other] or spoken == heard_too[other] else UNHEARD
        least = min(least, cost)
    if least >= UNHEARD or (least > 0 and (meant < 4 or shorter < 3)):
        return 100.0
    return (added if read > meant else dropped) + least * same_syllable


@_compiled
def bounds(shape, sound, pairs, names, known, whole_from, two_up_to, limits):  # type: ignore[no-untyped-def]
    """As `sieve._bounds`."""
    start, end, name, exact = pairs
    codes, codes_at, codes_size, spelling = names
    han, steepness, crowded = known[0], known[6], limits[7]
    scores = np.full(len(start), -1.0)
    for pair in range(len(start)):
        which = name[pair]
        at, meant = np.int64(codes_at[which // TOGETHER]), np.int64(codes_size[which])
        for other in range(which // TOGETHER * TOGETHER, which):
            at += np.int64(codes_size[other])
        begin, read = start[pair], end[pair] - start[pair]
        if exact[pair]:
            scores[pair] = 1.0
            continue
        if spelling[which] >= whole_from or meant == 0 or abs(read - meant) > 2:
            continue
        some_han = False
        for place in range(meant):
            some_han |= han[codes[at + place]]
        if not some_han:
            scores[pair] = 1.0
            continue
        distance = 100.0
        if read == meant:
            distance = apart(shape, sound, codes, begin, at, meant, known, two_up_to, limits)
        elif abs(read - meant) == 1:
            distance = one_more(shape, sound, codes, begin, read, at, meant, known, limits)
        if distance >= 100:
            continue
        left = 1 - steepness[min(meant, len(steepness) - 1)] * distance / meant
        if left > crowded:
            left = crowded + (left - crowded) / 2
        scores[pair] = max(left, 0.0) + 1e-6
    return scores
