"""For what somebody looks at what is personal: stated with the request, and kept with what the audit enters of it.

The header `Purpose` states it, one of a closed list; who states none is entered without. It holds for one request.
"""

from contextvars import ContextVar
from typing import Final, Literal, get_args

from shared.errors import Invalid

Purpose = Literal["care", "complaint", "contract", "payment", "correction", "personal_request", "inspection"]
"""Serving the customer; a case; a contract; what is owed; putting data right; the person asked for their data; checking
how others work."""
HEADER: Final = "purpose"
PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)
_STATED: ContextVar[str | None] = ContextVar("purpose", default=None)


class UnknownPurpose(Invalid):
    slug = "unknown-purpose"
    title = "This is no purpose for which personal data is shown"


def state(purpose: str | None) -> None:
    """States for what the request at hand is. Raises UnknownPurpose."""
    if purpose is not None and purpose not in PURPOSES:
        raise UnknownPurpose(f"one of {', '.join(PURPOSES)}", pointer="header/Purpose")
    _STATED.set(purpose)


def stated() -> str | None:
    """For what the request at hand is; None where nobody has said so, and for work without a request."""
    return _STATED.get()
