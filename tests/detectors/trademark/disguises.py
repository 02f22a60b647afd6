"""Made-up names and their disguises, drawn from the detector's own tables with a seeded hand."""

import random
from functools import cache

from detectors.trademark.alphabet import syllables
from detectors.trademark.tables import glyph_neighbours
from models.registry import Mark, Registry

LATIN = "abcdefghijklmnoprstuvwxyz"


@cache
def signs() -> tuple[str, ...]:
    return tuple(sorted(glyph_neighbours()))


@cache
def by_syllable() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for sign in signs():
        for syllable in syllables(sign)[:1]:
            groups.setdefault(syllable, []).append(sign)
    return {syllable: tuple(group) for syllable, group in groups.items()}


def made_up(dice: random.Random) -> str:
    """A name of two to six characters, or of three to nine letters."""
    if dice.random() < 0.25:
        return "".join(dice.choice(LATIN) for _ in range(dice.randint(3, 9)))
    return "".join(dice.choice(signs()) for _ in range(dice.choice([2, 2, 3, 3, 3, 4, 4, 5, 6])))


def registry(dice: random.Random, count: int) -> Registry:
    texts = sorted({made_up(dice) for _ in range(count)})
    dice.shuffle(texts)
    return Registry(
        marks=tuple(
            Mark(mark_id=f"M{number:06}", text=text, nice_classes=(dice.randint(1, 34),))
            for number, text in enumerate(texts)
        )
    )


def disguised(name: str, dice: random.Random) -> str:
    """The name after one or two tricks."""
    letters = list(name)
    for _ in range(dice.choice([1, 1, 2])):
        place = dice.randrange(len(letters))
        alike = sorted(glyph_neighbours().get(letters[place], ()))
        heard = [sign for syllable in syllables(letters[place]) for sign in by_syllable().get(syllable, ())]
        match dice.randrange(7):
            case 0 if alike:
                letters[place] = dice.choice(alike)
            case 1 if heard:
                letters[place] = dice.choice(heard)
            case 2:
                letters.insert(place, dice.choice(signs()))
            case 3 if len(letters) > 2:
                del letters[place]
            case 4:
                letters.insert(place, dice.choice("*·★ "))
            case 5:
                letters[place] = dice.choice(signs())
            case _:
                other = (place + 1) % len(letters)
                letters[place], letters[other] = letters[other], letters[place]
    return "".join(letters)
