"""Duplicates that become one customer, and two again when they were none (domain 2.1, decisions 21)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from services.customers.archive.domain import Customer, Profile
from services.customers.changes.domain import Said
from shared.errors import Conflict, Invalid, NotFound

FILLED: Final = (
    "external_no", "region_id", "time_zone", "address", "birthday", "opened_on", "legal_name", "licence_no",
    "credit_rating",
)  # fmt: skip
"""What the kept one takes over where nothing was said of it."""
JOINED: Final = ("phones", "emails")
"""What both have."""


class MergedIntoItself(Invalid):
    slug = "merged-into-itself"
    title = "Nobody is a duplicate of themself"


class AnotherKind(Invalid):
    slug = "another-kind"
    title = "A store and a person are not one customer"


class MergedAlready(Conflict):
    slug = "merged-already"
    title = "One of the two was merged already"


class NotMerged(NotFound):
    slug = "not-merged"
    title = "This customer is merged into nobody"


class MergedFurther(Conflict):
    slug = "merged-further"
    title = "Whom it was merged into was merged further"


class InTheWay(Conflict):
    """Something of theirs cannot stand beside each other; `places` says in which tables."""

    slug = "merge-in-the-way"
    title = "Something of the two cannot stand beside each other"
    members: ClassVar[Mapping[str, str]] = {"places": "what is in the way: kinds of entries"}

    def __init__(self, detail: str, places: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.places = list(places)


@dataclass(frozen=True, slots=True)
class Merge:
    """That a customer was merged into another one, and perhaps unmerged."""

    id: UUID
    merged_id: UUID
    into_id: UUID
    merged_at: datetime
    merged_by: UUID
    unmerged_at: datetime | None
    unmerged_by: UUID | None
    external_no: str | None
    reason: str | None = None
    moved: Mapping[str, int] | None = None
    """What came from the merged one -> how many."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a merged customer's profile brought to the kept one's; since when this was a customer before, and is now."""

    fields: Mapping[str, Any]
    registered_before: datetime
    registered_at: datetime
    traits: Mapping[str, Said] = field(default_factory=dict)
    """What of its traits the kept one had not."""


def check_kinds(merged: Customer, into: Customer) -> None:
    """Raises AnotherKind."""
    if merged.profile.kind != into.profile.kind:
        raise AnotherKind(f"one is a {merged.profile.kind}, the other a {into.profile.kind}", pointer="#/into")


def brought(merged: Customer, into: Customer) -> Brought:
    """What the kept one has from the merged one: what nobody had said, and the phones and e-mails it did not have."""
    said, stands = asdict(merged.profile), asdict(into.profile)
    filled = {name: said[name] for name in FILLED if stands[name] is None and said[name] is not None}
    joined = {name: tuple(each for each in said[name] if each not in stands[name]) for name in JOINED}
    fields = {**filled, **{name: values for name, values in joined.items() if values}}
    return Brought(fields, into.registered_at, min(into.registered_at, merged.registered_at))


def joined(into: Customer, given: Brought) -> Customer:
    """The kept one with what was brought, a customer since the earlier day of both."""
    fields = {name: value for name, value in given.fields.items() if name in FILLED}
    for name in JOINED:
        fields[name] = (*getattr(into.profile, name), *given.fields.get(name, ()))
    return _with(into, fields, given.registered_at)


def parted(into: Customer, given: Brought) -> Customer:
    """The kept one without what was brought; what was changed since stays as it is."""
    fields: dict[str, Any] = {
        name: None
        for name, value in given.fields.items()
        if name in FILLED and _alike(getattr(into.profile, name), value)
    }
    for name in JOINED:
        gone = given.fields.get(name, ())
        fields[name] = tuple(each for each in getattr(into.profile, name) if each not in gone)
    untouched = into.registered_at == given.registered_at
    return _with(into, fields, given.registered_before if untouched else into.registered_at)


def _alike(stands: object, value: object) -> bool:
    return str(stands) == str(value) if isinstance(stands, (date, UUID)) else stands == value


def _with(customer: Customer, fields: Mapping[str, Any], registered_at: datetime) -> Customer:
    profile: Profile = replace(customer.profile, **fields)
    return replace(customer, profile=profile, registered_at=registered_at)
