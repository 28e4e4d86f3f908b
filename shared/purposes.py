"""For what somebody looks at what is personal: stated with the request, and kept with what the audit enters of it.

The header `Purpose` states it, one of a closed list; who states none is entered without. It holds for one request, and
shows no more than it needs: beside what the role needs, never instead of it (architecture 5).
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, Literal, get_args

from shared.errors import Forbidden, Invalid

Purpose = Literal["care", "complaint", "contract", "payment", "correction", "personal_request", "inspection"]
"""Serving the customer; a case; a contract; what is owed; putting data right; the person asked for their data; checking
how others work."""
HEADER: Final = "purpose"
PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)
PersonalField = Literal["name", "legal_name", "licence_no", "phones", "address", "emails", "birthday", "words"]
"""What is personal of somebody; `words` are notes and what else is said of them in words."""
PERSONAL: Final[tuple[PersonalField, ...]] = get_args(PersonalField)
_ALL: Final = frozenset[str](PERSONAL)
_NAMED: Final = frozenset[str](("name", "legal_name"))
_REACHED: Final = _NAMED | {"phones", "address", "emails"}
_BOUND: Final = _REACHED | {"licence_no"}
NEEDED_FOR: Final[Mapping[Purpose, frozenset[str]]] = {
    "care": _ALL,
    "complaint": _REACHED,
    "contract": _BOUND,
    "payment": _BOUND,
    "correction": _ALL,
    "personal_request": _ALL,
    "inspection": _NAMED,
}
"""Purpose -> the personal fields that it needs."""
_STATED: ContextVar[str | None] = ContextVar("purpose", default=None)


class UnknownPurpose(Invalid):
    slug = "unknown-purpose"
    title = "This is no purpose for which personal data is shown"


class PurposeTooNarrow(Forbidden):
    slug = "purpose-too-narrow"
    title = "The purpose that is stated does not need all that is kept of a person"


def needed_for(purpose: str | None) -> frozenset[str]:
    """The personal fields that a purpose needs; where none is stated the role alone decides."""
    return next((needed for known, needed in NEEDED_FOR.items() if known == purpose), _ALL)


def needing(field: PersonalField) -> list[Purpose]:
    """The purposes that need a personal field."""
    return [purpose for purpose, needed in NEEDED_FOR.items() if field in needed]


def check_whole() -> None:
    """For what shows all that is kept of a person at once. Raises PurposeTooNarrow."""
    if needed_for(_STATED.get()) != _ALL:
        whole = ", ".join(purpose for purpose, needed in NEEDED_FOR.items() if needed == _ALL)
        raise PurposeTooNarrow(f"state {whole}, or none")


def state(purpose: str | None) -> None:
    """States for what the request at hand is. Raises UnknownPurpose."""
    if purpose is not None and purpose not in PURPOSES:
        raise UnknownPurpose(f"one of {', '.join(PURPOSES)}", pointer="header/Purpose")
    _STATED.set(purpose)


def stated() -> str | None:
    """For what the request at hand is; None where nobody has said so, and for work without a request."""
    return _STATED.get()
