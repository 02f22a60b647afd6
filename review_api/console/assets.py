"""The console's static files: served as they lie in `static/`, and the rooms of its look as one sheet, so that a first
visit asks once and not a dozen times."""

import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from review_api.console.charts import LIBRARY
from review_api.console.themes import STYLES

SHEET = "console.css"


class Assets(StaticFiles):
    """What is mounted at /static: the files, and `SHEET` made of them."""

    def __init__(self) -> None:
        super().__init__(packages=[("review_api.console", "static")])
        self._sheet = sheet()

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == SHEET and scope["method"] in {"GET", "HEAD"}:
            return Response(self._sheet, media_type="text/css")
        return await super().get_response(path, scope)


def sheet() -> str:
    """The values and every room, in order."""
    folder = _static().joinpath("styles")
    return "\n".join(folder.joinpath(f"{room}.css").read_text("utf-8") for room in ("tokens", *STYLES))


def version() -> str:
    """Changes when any static file does, so that a browser never shows old styles on new pages."""
    state = hashlib.sha256()
    for name, content in _files(_static(), ""):
        state.update(name.encode() + content)
    return state.hexdigest()[:12]


def library_built() -> bool:
    """Whether the chart library is among the static files."""
    return _static().joinpath(LIBRARY).is_file()


def _static() -> Traversable:
    return resources.files("review_api.console").joinpath("static")


def _files(folder: Traversable, at: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _files(entry, f"{at}{entry.name}/")
        else:
            yield f"{at}{entry.name}", entry.read_bytes()
