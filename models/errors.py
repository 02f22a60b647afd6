"""The one error tree. Every error that may reach a person says what is wrong, where, and how to mend it.

JianzhenError
├── InputError                 somebody's data or command is wrong; exit code 2, HTTP 422
│   ├── RowRejected            one row of a file; it goes to the rejects file and the rest goes on
│   ├── FileRejected           a whole file cannot be read; the command stops before anything is accepted
│   └── PictureRejected        a picture is corrupt, too large or of a kind not taken; recorded, blocks nothing
├── ConfigurationError         a setting is missing or contradicts another; the process does not start; exit code 3
├── NotSignedInError           no valid session; the console leads to the sign-in page; HTTP 401
├── TooManyAttempts            sign-in failed too often for a name; it is locked for a while; HTTP 429
├── ForbiddenError             signed in, but not allowed, or the form's token is missing; HTTP 403
├── NotFoundError              no such thing in this organisation (another's things do not exist here); HTTP 404
├── ConflictError              somebody else was first, or the thing is in a state that forbids this; HTTP 409
│   └── UncheckedMark          an export rests on marks that nobody has checked as they stand; check them first
├── NotInstalledError          a part is not on this machine (LibreOffice, a font); exit code 3, HTTP 501
├── PoisonError                this subject can never be processed; it is dead-lettered with the reason
├── TransientFault             a server is away or busy; the work is retried, never dead-lettered; exit code 4, HTTP 503
│   ├── NotReady               something the process needs is away; HTTP 503 with every reason, until it is back
│   └── NoRoom                 a disk is full; nothing was written, reading goes on; HTTP 503 until there is room again
└── FetchError                 a page or picture could not be fetched; recorded with its address
    └── FetchRefused           our own rules forbid the address (private network, scheme, size, redirects)
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar


class JianzhenError(Exception):
    """The root. `what` states the fault, `where` the place (file and line, field, address), `mend` the remedy."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.mend})" if self.mend else ""
        return f"{place}{self.what}{remedy}"


def told(error: Exception) -> str:
    """What a log may say of an error: ours say no values; of others only the kind, for their words may quote data."""
    return error.what if isinstance(error, JianzhenError) else type(error).__name__


class InputError(JianzhenError):
    """Raised at every edge that takes data; shown to whoever sent it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    exit_code = 2
    code = "input"


class RowRejected(InputError):
    """Raised by `models.formats` for one row; caught by the reader, which writes the rejects file."""

    code = "row-rejected"


class FileRejected(InputError):
    """Raised by `models.formats` when nothing of a file can be read; the command stops."""

    code = "file-rejected"


class PictureRejected(InputError):
    """Raised by `streams.pictures`; the reading is stored as failed and screening goes on without it."""

    code = "picture-rejected"


class ConfigurationError(JianzhenError):
    """Raised while settings are composed or a service starts; the process ends with one line."""

    exit_code = 3
    code = "configuration"


class NotSignedInError(JianzhenError):
    """Raised by `review_api` when a session is missing or over."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not-signed-in"


class TooManyAttempts(JianzhenError):
    """Raised by `review_api` when a name has failed to sign in too often; `seconds` is how long it has to wait."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-attempts"

    def __init__(self, what: str, *, seconds: int, where: str = "", mend: str = "") -> None:
        super().__init__(what, where=where, mend=mend)
        self.seconds = seconds


class ForbiddenError(JianzhenError):
    """Raised by `review_api` when the caller may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class NotFoundError(JianzhenError):
    """Raised by stores; a thing of another organisation is not found either."""

    status = HTTPStatus.NOT_FOUND
    exit_code = 2
    code = "not-found"


class ConflictError(JianzhenError):
    """Raised by stores when a version is stale or a state forbids the change; reload and decide again."""

    status = HTTPStatus.CONFLICT
    exit_code = 2
    code = "conflict"


class UncheckedMark(ConflictError):
    """Raised by `review_api.cases` before anything leaves; `where` names the marks. An officer checks them, then it is
    made."""

    code = "unchecked-mark"


class NotInstalledError(JianzhenError):
    """Raised where an optional part of the machine is missing; the message names it, and everything else goes on."""

    status = HTTPStatus.NOT_IMPLEMENTED
    exit_code = 3
    code = "not-installed"


class PoisonError(JianzhenError):
    """Raised while decoding or screening one subject; the worker dead-letters it with this reason."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "poison"


class TransientFault(JianzhenError):
    """Raised when a server is away; the worker retries the batch and moves no offset."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    exit_code = 4
    code = "transient"


class NotReady(TransientFault):
    """Raised by `/readyz`; `reasons` says of each thing that is not fine why."""

    code = "not-ready"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in reasons.items()))
        self.reasons = dict(reasons)


class NoRoom(TransientFault):
    """Raised by the store, the objects and the bus when their disk is full; the work is tried again. Nothing of it was
    written."""

    code = "no-room"


class FetchError(JianzhenError):
    """Raised by `streams.fetch`; recorded beside the address, blocks nothing."""

    status = HTTPStatus.BAD_GATEWAY
    code = "fetch"


class FetchRefused(FetchError):
    """Raised by `streams.fetch` before a connection is made to an address that the rules forbid."""

    status = HTTPStatus.FORBIDDEN
    code = "fetch-refused"
