"""What can go wrong, as types: a stable slug, a kind that the HTTP edge turns into a status, and what to do.

Each service adds its own subclasses beside the rule that raises them; `shared.http.problems` maps every one of them
to an RFC 9457 problem in a single place. A detail never carries personal data.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import ClassVar


class ErrorKind(Enum):
    """How the edge answers; the value is the HTTP status."""

    MALFORMED = 400
    UNAUTHENTICATED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    GONE = 410
    STALE = 412
    TOO_LARGE = 413
    UNSUPPORTED = 415
    INVALID = 422
    PRECONDITION_REQUIRED = 428
    TOO_MANY = 429
    BUSY = 503


class DomainError(Exception):
    """A refusal with a reason. `pointer` is a JSON pointer into the request body where one field is at fault."""

    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    slug: ClassVar[str] = "invalid"
    title: ClassVar[str] = "The request cannot be carried out"
    members: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Further members of the problem for programs (RFC 9457, extensions): an attribute that is a list of codes -> what
    it says."""

    def __init__(self, detail: str, *, pointer: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.retry_after = retry_after

    @property
    def details(self) -> dict[str, Sequence[str]]:
        """What the problem says beyond the members that all have."""
        return {name: getattr(self, name) for name in self.members}


class Invalid(DomainError):
    """The content cannot be accepted as it is; the detail says what would be."""

    slug = "invalid"
    title = "The content is not valid"


class Malformed(DomainError):
    kind = ErrorKind.MALFORMED
    slug = "malformed"
    title = "The request cannot be read"


class Unauthenticated(DomainError):
    kind = ErrorKind.UNAUTHENTICATED
    slug = "unauthenticated"
    title = "A valid bearer token is required"


class Forbidden(DomainError):
    kind = ErrorKind.FORBIDDEN
    slug = "forbidden"
    title = "Not allowed for this role"


class NotFound(DomainError):
    kind = ErrorKind.NOT_FOUND
    slug = "not-found"
    title = "There is no such thing"


class Conflict(DomainError):
    kind = ErrorKind.CONFLICT
    slug = "conflict"
    title = "The present state does not allow it"


class Stale(DomainError):
    kind = ErrorKind.STALE
    slug = "stale"
    title = "It has changed since it was read"


class PreconditionRequired(DomainError):
    kind = ErrorKind.PRECONDITION_REQUIRED
    slug = "precondition-required"
    title = "If-Match is required"


class TooLarge(DomainError):
    kind = ErrorKind.TOO_LARGE
    slug = "too-large"
    title = "The content is too large"


class Unsupported(DomainError):
    kind = ErrorKind.UNSUPPORTED
    slug = "unsupported-media-type"
    title = "This kind of content is not read here"


class TooMany(DomainError):
    kind = ErrorKind.TOO_MANY
    slug = "too-many-requests"
    title = "Too many requests"


class Busy(DomainError):
    """A passing fault: the same request may succeed a moment later (Retry-After says when)."""

    kind = ErrorKind.BUSY
    slug = "busy"
    title = "Busy, try again in a moment"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)


class OutcomeUnknown(Busy):
    """The connection was lost while committing; repeating with the same Idempotency-Key settles it."""

    slug = "outcome-unknown"
    title = "It is not known whether this was carried out"
