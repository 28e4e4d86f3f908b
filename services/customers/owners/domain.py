"""Owners of stores (domain 2.1): each store has its own tier, the owner a total beside them that moves none of them
(examples 23). A store that changes hands keeps its history as a store; consents start anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.customers.changes.domain import Change
from services.customers.masking.domain import veil
from shared.contracts.customers import Tier
from shared.errors import Conflict, Invalid, NotFound
from shared.money import ZERO

PERSONAL: Final = ("name", "phones", "emails")
"""What is personal, and masked as a customer's is."""


class OwnerNotFound(NotFound):
    slug = "no-such-owner"
    title = "There is no such owner"


class UnknownOwner(Invalid):
    slug = "unknown-owner"
    title = "No owner has this id"


class OwnsThemself(Invalid):
    slug = "owns-themself"
    title = "Nobody owns themself"


class OwnedAlready(Conflict):
    slug = "owned-already"
    title = "The store belongs to this owner already"


class OwnerErased(Conflict):
    slug = "owner-erased"
    title = "This owner was erased"


class OwnershipNotFound(NotFound):
    slug = "no-such-ownership"
    title = "The store has no such entry of whose it was"


class OwnershipDateRefused(Invalid):
    slug = "ownership-date-refused"
    title = "The store cannot have changed hands then"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns stores. Name, phones (E.164) and e-mails are personal; `customer_id` is who they are among the
    customers, if they are one. `masked` names the fields that the reader does not see in full."""

    id: UUID
    version: int
    name: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    customer_id: UUID | None
    erased_at: datetime | None = None
    updated_at: datetime | None = None
    """When they were entered or changed last; None: by an older release."""
    masked: tuple[str, ...] = ()

    def check_stands(self) -> None:
        """Raises OwnerErased."""
        if self.erased_at is not None:
            raise OwnerErased("enter them anew, should they come back")

    def emptied(self, at: datetime) -> "Owner":
        """Who was erased at that moment."""
        return replace(self, version=self.version + 1, name="", phones=(), emails=(), erased_at=at, updated_at=at)


PREFIX: Final = "owner."
"""Before what is known of an owner: how the histories of their stores call it."""


def history_of(before: Owner, after: Owner) -> list[Change]:
    """What the histories of an owner's stores keep of a change, sealed for the owner."""
    return [
        Change(PREFIX + name, getattr(before, name), getattr(after, name), about=after.id, personal=True)
        for name in ("name", "phones", "emails")
        if getattr(before, name) != getattr(after, name)
    ]


@dataclass(frozen=True, slots=True)
class OwnedStore:
    """A store of an owner's, its tier, and what it bought in a month, CNY."""

    customer_id: UUID
    name: str | None
    tier: Tier
    total: Decimal
    since: datetime


@dataclass(frozen=True, slots=True)
class Ownership:
    """From when until when a store was whose; `until` None: it is now."""

    id: UUID
    customer_id: UUID
    owner_id: UUID | None
    since: datetime
    until: datetime | None
    version: int = 1

    def begun_at(self, since: datetime, before: "Ownership | None") -> "Ownership":
        """The entry that was made too late, with the moment at which the store became theirs; `before` is whose it was
        till then. Raises OwnershipDateRefused."""
        if since > self.since:
            raise OwnershipDateRefused(
                "an entry is only put earlier; who had it longer is said by a hand-over", pointer="#/since"
            )
        if before is not None and since <= before.since:
            raise OwnershipDateRefused(f"it changed hands before on {before.since:%Y-%m-%d}", pointer="#/since")
        return replace(self, since=since)


def unmasked(owner: Owner, seen: Collection[str]) -> bool:
    """Whether somebody who sees these personal fields in full sees any of the owner so."""
    return any(getattr(owner, name) for name in PERSONAL if name in seen)


def masked(owner: Owner, seen: Collection[str]) -> Owner:
    """The owner as somebody sees them who sees these personal fields in full."""
    hidden = tuple(name for name in PERSONAL if name not in seen and getattr(owner, name))
    veiled: dict[str, Any] = {name: veil(name, getattr(owner, name)) for name in hidden}
    return replace(owner, **veiled, masked=hidden)


def total(stores: Sequence[OwnedStore]) -> Decimal:
    """What an owner's stores bought together: it stands beside their tiers and moves none (examples 23)."""
    return sum((each.total for each in stores), ZERO)


def check_change(
    customer_id: UUID, owner: Owner | None, present: Ownership | None, since: datetime, now: datetime
) -> None:
    """Raises OwnsThemself, OwnedAlready, OwnershipDateRefused."""
    if owner is not None and owner.customer_id == customer_id:
        raise OwnsThemself("this owner is the customer itself", pointer="#/owner_id")
    owner_id = owner.id if owner is not None else None
    if (present.owner_id if present is not None else None) == owner_id:
        raise OwnedAlready("nothing would change")
    if since > now:
        raise OwnershipDateRefused("enter it when it has happened", pointer="#/since")
    if present is not None and since < present.since:
        raise OwnershipDateRefused(f"it changed hands last on {present.since:%Y-%m-%d}", pointer="#/since")
