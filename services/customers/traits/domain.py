"""Traits of a customer: some that every archive has, and kinds that are added (domain 2.1).

What is said in words may name people, so it is kept sealed, in the customer's own words or those of a kind.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from services.customers.changes.domain import Change, Said, differences, said
from shared.errors import Conflict, Invalid

TraitType: TypeAlias = Literal["text", "number", "yes_no", "day"]
"""What a kind of trait says."""
TraitsOf: TypeAlias = Literal["store", "person", "both"]
"""Whose trait it is."""
TraitValue: TypeAlias = str | Decimal | bool | date | None
IN_WORDS: Final = ("preferences", "needs")
OF_STORES: Final = ("size_m2", "staff_count", "funds", "shelf_share")
RESERVED: Final = frozenset({*OF_STORES, *IN_WORDS})
"""No code of a kind: these are traits already."""
PREFIX: Final = "trait."
"""Before a trait: how the history calls it."""
LONGEST_WORDS: Final = 2_000
MOST_NUMBER: Final = Decimal("9999999999.99")


class TraitRefused(Invalid):
    slug = "trait-refused"
    title = "This customer has no such trait"


class TraitKindTaken(Conflict):
    slug = "trait-kind-taken"
    title = "There is a kind of trait with this code"


@dataclass(frozen=True, slots=True)
class TraitKind:
    """A kind of trait that was added. `unit` stands behind its numbers."""

    code: str
    of: TraitsOf
    type: TraitType
    name_zh: str
    name_en: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a customer is like; version 0 before anything was said. `shelf_share` is ours, 0 to 100 %."""

    version: int = 0
    size_m2: Decimal | None = None
    staff_count: int | None = None
    funds: Decimal | None = None
    shelf_share: Decimal | None = None
    preferences: str | None = None
    needs: str | None = None
    more: Mapping[str, TraitValue] = field(default_factory=dict)
    """Values by the code of their kind."""
    changed_at: datetime | None = None
    """When anything of it was said last; None before anything was."""


def changed(
    before: Traits, changes: Mapping[str, Any], kinds: Mapping[str, TraitKind], customer: Literal["store", "person"]
) -> Traits:
    """The traits after what is said of some; null takes one away. Raises TraitRefused."""
    if customer == "person":
        for name in OF_STORES:
            if changes.get(name) is not None:
                raise TraitRefused("that is a trait of stores", pointer=f"#/{name}")
    told = dict(changes.get("more") or {})
    read = {code: _value(code, value, kinds.get(code), customer) for code, value in told.items()}
    more = {code: value for code, value in {**before.more, **read}.items() if value is not None}
    return replace(before, **{**{name: value for name, value in changes.items() if name != "more"}, "more": more})


def _value(code: str, value: Any, kind: TraitKind | None, customer: str) -> TraitValue:
    """Raises TraitRefused."""
    pointer = f"#/more/{code}"
    if kind is None:
        raise TraitRefused("no kind of trait has this code; administration adds kinds", pointer="#/more")
    if kind.of not in (customer, "both"):
        raise TraitRefused(f"that is a trait of a {kind.of}", pointer=pointer)
    if value is None:
        return None
    if kind.type == "yes_no" and isinstance(value, bool):
        return value
    if kind.type == "text" and isinstance(value, str) and 1 <= len(value) <= LONGEST_WORDS:
        return value
    if kind.type == "day" and isinstance(value, str):
        return _day(value, pointer)
    if kind.type == "number" and isinstance(value, str):
        return _number(value, pointer)
    wanted = {"yes_no": "true or false", "text": f"a text of 1 to {LONGEST_WORDS} characters", "day": "a date"}
    raise TraitRefused(f"it is {wanted.get(kind.type, 'a number, written as text')}", pointer=pointer)


def _day(value: str, pointer: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is not None and found.isoformat() == value:
        return found
    raise TraitRefused("write a date as YYYY-MM-DD, such as 2026-11-04", pointer=pointer)


def _number(value: str, pointer: str) -> Decimal:
    whole, _, part = value.removeprefix("-").partition(".")
    if not (value.isascii() and whole.isdigit() and (part.isdigit() or "." not in value) and len(value) <= 20):
        raise TraitRefused("write a number in digits, as text, such as 1250.00", pointer=pointer)
    number = Decimal(value)
    if abs(number) > MOST_NUMBER or len(part) > 2:
        raise TraitRefused("at most ten digits, and two behind the point", pointer=pointer)
    return number


def filled(traits: Traits) -> list[str]:
    """Which of the traits that count for an archive's completeness are said."""
    return [name for name in (*OF_STORES, *IN_WORDS) if getattr(traits, name) is not None]


def history_of(before: Traits, after: Traits, kinds: Mapping[str, TraitKind]) -> list[Change]:
    """What the history keeps; what is said in words is personal."""
    found = differences(_flat(before), _flat(after), prefix=PREFIX)
    words = {PREFIX + name for name in (*IN_WORDS, *texts(kinds.values()))}
    return [replace(each, personal=each.field in words) for each in found]


def lent_by(of: Traits, *, to: Traits) -> dict[str, Said]:
    """What one who is merged has said and the one who is kept has not: trait -> what it says."""
    mine = _flat(to)
    return {name: said(value) for name, value in _flat(of).items() if value is not None and mine.get(name) is None}


def filled_from(to: Traits, of: Traits) -> Traits:
    """The traits of the one who is kept, with those of the merged one where nothing was said."""
    own: dict[str, Any] = {name: getattr(of, name) for name in RESERVED if getattr(to, name) is None}
    return replace(to, **own, more={**of.more, **to.more})


def without(traits: Traits, brought: Mapping[str, Said]) -> Traits:
    """The traits without what was brought and still says the same."""
    gone = {name for name, value in _flat(traits).items() if name in brought and said(value) == brought[name]}
    more = {code: value for code, value in traits.more.items() if code not in gone}
    emptied: dict[str, Any] = dict.fromkeys(RESERVED & gone)
    return replace(traits, **emptied, more=more)


def texts(kinds: Iterable[TraitKind]) -> set[str]:
    """The codes of kinds that are said in words."""
    return {kind.code for kind in kinds if kind.type == "text"}


def _flat(traits: Traits) -> dict[str, Any]:
    return {**{name: getattr(traits, name) for name in (*OF_STORES, *IN_WORDS)}, **traits.more}


@dataclass(frozen=True, slots=True)
class Seen:
    """Traits as somebody sees them; `masked` names what they do not see."""

    traits: Traits
    masked: tuple[str, ...]


def seen_by(traits: Traits, seen: Collection[str], kinds: Mapping[str, TraitKind]) -> Seen:
    """What is said in words is shown to those who see words in full."""
    if "words" in seen:
        return Seen(traits, ())
    worded = texts(kinds.values())
    hidden = [name for name in IN_WORDS if getattr(traits, name) is not None]
    hidden += [code for code in sorted(traits.more) if code in worded]
    more = {code: value for code, value in traits.more.items() if code not in worded}
    return Seen(replace(traits, preferences=None, needs=None, more=more), tuple(hidden))


def in_words(traits: Traits, kinds: Mapping[str, TraitKind]) -> bool:
    """Whether something is said in words."""
    return any(getattr(traits, name) for name in IN_WORDS) or not texts(kinds.values()).isdisjoint(traits.more)


@dataclass(frozen=True, slots=True)
class ReadTraits:
    """A customer's traits, with every kind that was added."""

    customer_id: UUID
    traits: Traits
    kinds: Mapping[str, TraitKind]
