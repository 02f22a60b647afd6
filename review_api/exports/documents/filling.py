"""Filling: values put into a DOCX template's placeholders, as plain text and nothing else.

`{{name}}` is replaced by a text. A table row that holds `{{list.name}}` is repeated for every entry of that list. The
template is read once: what a value holds is never read as a placeholder, a field, a formula or XML. What a document
cannot hold, and characters that turn the direction of text, are shown as `\\u` and four hex digits.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from docx import Document
from docx.document import Document as OpenDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from models.errors import InputError

Texts = Mapping[str, str]
Lists = Mapping[str, Sequence[Texts]]

PLACEHOLDER = re.compile(r"\{\{\s*([^{}\s]{1,60})\s*\}\}")
# Controls that XML cannot carry or a word processor would take for something else, half surrogate pairs,
# non-characters; and the marks and overrides by which text is shown in another order than it is written.
UNHOLDABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)


def fill(template: bytes, texts: Texts, lists: Lists, *, name: str, author: str = "") -> bytes:
    """The filled document. Raises `InputError` when the template is no DOCX, names a placeholder that is not known, or
    one of a list outside a table row."""
    document = _open(template, name)
    fields = {f"{key}.{field}" for key, rows in lists.items() for field in rows[0]}
    unknown = sorted(
        _named(document) - set(texts) - {f"{key}.{field}" for key, rows in lists.items() for field in rows[0]}
    )
    if unknown:
        raise InputError(
            f"the template names unknown placeholders: {', '.join(unknown)}",
            where=name,
            mend="see docs/case-leads.md for those that there are",
        )
    done: set[Any] = set()
    for root in _roots(document):
        for row in list(root.iter(qn("w:tr"))):
            done |= _repeat(row, texts, lists)
        for element in root.iter(qn("w:p")):
            if element not in done:
                _require_row(element, fields, name)
                _replace(element, texts)
    document.core_properties.author = plain(author)
    document.core_properties.title = name.removesuffix(".docx")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def placeholders(template: bytes, name: str) -> set[str]:
    """The placeholders that a template names. Raises `InputError` when it is no DOCX."""
    return _named(_open(template, name))


def plain(text: str) -> str:
    """The text as a document can hold and show it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNHOLDABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", lines)


def _open(template: bytes, name: str) -> OpenDocument:
    try:
        return Document(io.BytesIO(template))
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError):
        raise InputError("the template is no DOCX file", where=name, mend="save it as a Word document") from None


def _roots(document: OpenDocument) -> Iterator[Any]:
    """The body, and every header and footer once."""
    yield document.element.body
    parts = {
        id(part._element): part._element
        for section in document.sections
        for part in (section.header, section.footer, section.first_page_header, section.first_page_footer)
        if not part.is_linked_to_previous
    }
    yield from parts.values()


def _named(document: OpenDocument) -> set[str]:
    return {
        found
        for root in _roots(document)
        for element in root.iter(qn("w:p"))
        for found in PLACEHOLDER.findall(_text(element))
    }


def _require_row(element: Any, fields: set[str], name: str) -> None:
    astray = fields & set(PLACEHOLDER.findall(_text(element)))
    if astray:
        raise InputError(
            f"{', '.join(sorted(astray))} stands outside a table row",
            where=name,
            mend="put it into a table row: the row is repeated for every entry",
        )


def _repeat(row: Any, texts: Texts, lists: Lists) -> set[Any]:
    """Repeat a row for the list that it names; the paragraphs that were filled."""
    names = {found for element in row.iter(qn("w:p")) for found in PLACEHOLDER.findall(_text(element))}
    listed = {name.partition(".")[0] for name in names if "." in name}
    if len(listed) != 1 or row.find(f".//{qn('w:tbl')}") is not None:
        return set()
    key = listed.pop()
    done: set[Any] = set()
    for entry in lists[key]:
        clone = deepcopy(row)
        row.addprevious(clone)
        values = {**texts, **{f"{key}.{field}": value for field, value in entry.items()}}
        for element in clone.iter(qn("w:p")):
            _replace(element, values)
            done.add(element)
    row.getparent().remove(row)
    return done


def _replace(element: Any, texts: Texts) -> None:
    """Replace the placeholders of one paragraph, also those that the word processor split over several runs."""
    runs = Paragraph(element, None).runs  # type: ignore[arg-type]
    written = [run.text for run in runs]
    whole = "".join(written)
    found = [match for match in PLACEHOLDER.finditer(whole) if match.group(1) in texts]
    if not found:
        return
    place = [number for number, text in enumerate(written) for _ in text]
    filled = [""] * len(runs)
    position = 0
    for match in found:
        for at in range(position, match.start()):
            filled[place[at]] += whole[at]
        filled[place[match.start()]] += plain(texts[match.group(1)])
        position = match.end()
    for at in range(position, len(whole)):
        filled[place[at]] += whole[at]
    for run, before, after in zip(runs, written, filled, strict=True):
        if before != after:
            run.text = after


def _text(element: Any) -> str:
    return "".join(run.text for run in Paragraph(element, None).runs)  # type: ignore[arg-type]
