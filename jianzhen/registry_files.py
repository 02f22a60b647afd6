"""A registry from files: marks, goods and authorised sellers read together, and their official pictures.

Owns putting the files together. Pictures are named relative to the files' folder wherever that lies, so the same files
give the same registry version on every machine. The files are the user's own: their pictures may lie anywhere.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from models.errors import InputError
from models.formats import Rejects, read_authorised, read_goods, read_marks
from models.identity import LOCAL
from models.pictures import ReferencePicture
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry
from streams.pictures import PictureSource, read_reference_pictures

Pictured = TypeVar("Pictured", Mark, ReferenceGoods)


@dataclass(frozen=True)
class RegistryFiles:
    """The files of one registry; those that are not named contribute nothing."""

    marks: Path | None = None
    goods: Path | None = None
    authorised: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder that picture names are relative to: the one that holds the files which name pictures."""
        folders = [str(path.resolve().parent) for path in (self.marks, self.goods) if path]
        return Path(os.path.commonpath(folders)) if folders else Path.cwd()

    def read(self, rejects: Rejects) -> Registry:
        """Every good row. Raises `FileRejected` when one of the files cannot be read at all."""
        marks = read_marks(self.marks.resolve(), rejects) if self.marks else ()
        goods = read_goods(self.goods.resolve(), rejects) if self.goods else ()
        named = Registry(marks=marks, goods=goods, authorised=self._authorised(rejects))
        return _renamed(named, self._relative)

    def usable(self, rejects: Rejects) -> Registry:
        """`read` for work that needs marks. Rows about marks that are not registered are remarked. Raises `InputError`
        when no mark is left."""
        registry = self.read(rejects)
        check_usable(registry, rejects, where=self.marks)
        return registry

    def official_pictures(
        self,
        registry: Registry,
        source_at: Callable[[Path], PictureSource],
        rejects: Rejects,
        *,
        organisation_id: str = LOCAL,
    ) -> tuple[ReferencePicture, ...]:
        """Read every picture that the registry's marks and goods name; one that cannot be read is remarked.
        `source_at` gives a source for a base folder."""
        source = source_at(Path(self.folder.anchor))
        found = read_reference_pictures(_renamed(registry, self._absolute), source, organisation_id=organisation_id)
        references = tuple(self._named(reference) for reference in found)
        for reference in references:
            if reference.reading.failure:
                owner = f"{reference.mark_id} {reference.goods_id}".strip()
                what = {"value": reference.reading.address, "detail": reference.reading.failure}
                rejects.notice(0, "picture-unreadable", field="images", file=owner, **what)
        return references

    def _authorised(self, rejects: Rejects) -> tuple[AuthorisedSeller, ...]:
        return read_authorised(self.authorised, rejects) if self.authorised else ()

    def _named(self, reference: ReferencePicture) -> ReferencePicture:
        reading = reference.reading.model_copy(update={"address": self._relative(reference.reading.address)})
        return reference.model_copy(update={"reading": reading})

    def _relative(self, name: str) -> str:
        return Path(os.path.relpath(name, self.folder)).as_posix() if Path(name).is_absolute() else name

    def _absolute(self, name: str) -> str:
        return name if "://" in name or name.startswith("//") else os.path.normpath(self.folder / name)


def check_usable(registry: Registry, rejects: Rejects, *, where: Path | None) -> None:
    """Goods and sellers of a mark that is not registered are kept and said: the mark may come later. Raises
    `InputError` when there is no mark at all."""
    if not registry.marks:
        reasons = (
            f"原因见 {rejects.path} / the reasons are in {rejects.path}" if rejects.rejected and rejects.path else ""
        )
        mend = reasons or "至少要有一行商标 / it needs one row at least"
        raise InputError("没有可用的商标 / there are no usable marks", where=str(where or ""), mend=mend)
    known = registry.mark_by_id.keys()
    for file, rows in (("goods", registry.goods), ("authorised", registry.authorised)):
        strangers = sorted({row.mark_id for row in rows if row.mark_id not in known})
        if strangers:
            rejects.notice(0, "unknown-mark", field="mark_id", file=file, value=", ".join(strangers[:5]))


def _renamed(registry: Registry, rename: Callable[[str], str]) -> Registry:
    def row(pictured: Pictured) -> Pictured:
        if not pictured.images:
            return pictured
        return pictured.model_copy(update={"images": tuple(rename(name) for name in pictured.images)})

    return Registry(
        marks=tuple(row(mark) for mark in registry.marks),
        goods=tuple(row(each) for each in registry.goods),
        authorised=registry.authorised,
    )
