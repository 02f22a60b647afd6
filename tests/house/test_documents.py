"""Documents that fail when they lie: every room, word and link they name exists, and what exists is named."""

import inspect
import re
from pathlib import Path

import pytest

from models import audit, errors, findings, law, leads, organisations, pictures, referrals, registry, subjects
from models.case_leads import annex, answers, dossier, estimate, operators, records, sources
from models.liaison import answers as liaison_answers
from models.liaison import batches, content, letters, mappings, preview, progress, statements
from models.values import Value

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)")
ROOM = re.compile(r"`((?:crawlers|detectors|jianzhen|models|review_api|streams|tests|bench)(?:[./][a-z_0-9./]+)+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = [target for target in LINK.findall(document.read_text("utf-8")) if "://" not in target]
    broken = [target for target in targets if not (document.parent / target).exists()]
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_that_documents_name_exist(document: Path) -> None:
    missing = [room for room in ROOM.findall(document.read_text("utf-8")) if not exists(room)]
    assert not missing


def exists(room: str) -> bool:
    """A path as it stands, or a dotted module, or a name inside one."""
    if "/" in room:
        return (ROOT / room).exists()
    parts = room.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        module = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
        if module.exists():
            rest = parts[length:]
            return not rest or re.search(rf"\b{rest[0]}\b", module.read_text("utf-8")) is not None
    return False


def test_the_glossary_knows_the_vocabulary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8").lower()
    case_leads = (annex, answers, dossier, estimate, operators, records, sources)
    liaison = (liaison_answers, batches, content, letters, mappings, preview, progress, statements)
    modules = (
        audit,
        *case_leads,
        *liaison,
        findings,
        law.rules,
        leads,
        organisations,
        pictures,
        referrals,
        registry,
        subjects,
    )
    nouns = {
        name
        for module in modules
        for name, thing in vars(module).items()
        if inspect.isclass(thing) and issubclass(thing, Value) and thing.__module__ == module.__name__
    }
    unknown = sorted(name for name in nouns - {"RouteEvent", "Operator", "Penalty"} if name.lower() not in glossary)
    assert not unknown


def test_every_error_stands_in_the_drawn_tree() -> None:
    drawn = errors.__doc__ or ""
    classes = [name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)]
    assert not [name for name in classes if name not in drawn]


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted(ROOT.glob("docs/decisions/*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
