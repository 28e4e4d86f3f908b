"""A loss (domain 2.6): a customer who buys no more, what that costs, how it left and why, and when it came back.

It is kept when the stage of a customer becomes lost. How and why it left is said by staff, or by a win-back case.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Literal, TypeAlias
from uuid import UUID

from services.customers.lifecycle.domain import Life
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind
from shared.errors import Conflict, Invalid, NotFound
from shared.money import ZERO, to_cents

MainCause: TypeAlias = Literal[
    "price", "inconvenience", "core_service", "staff", "reaction", "competition", "ethics", "involuntary"
]


class LossNotFound(NotFound):
    slug = "no-such-loss"
    title = "There is no such loss"


class CustomerReturned(Conflict):
    slug = "customer-returned"
    title = "The customer has come back"


class NeverLost(Conflict):
    slug = "never-lost"
    title = "The customer never was lost"


class UnknownChurnCause(Invalid):
    slug = "unknown-churn-cause"
    title = "There is no such cause"


class ChurnCauseTaken(Conflict):
    slug = "churn-cause-taken"
    title = "A cause has this code already"


@dataclass(frozen=True, slots=True)
class ChurnCause:
    """Why customers leave: a main cause, or a finer one, which is `of` a main cause where that is known."""

    code: str
    name_en: str
    name_zh: str
    of: MainCause | None


@dataclass(frozen=True, slots=True)
class Left:
    """A customer who has left: the best tier of the year that ended with the last purchase, and what it came to.

    `margin` is what is left of a purchase, as a part of it; `kind` and `cause` are those of its open win-back case.
    """

    customer_id: UUID
    tier: Tier
    yearly: Decimal
    margin: Decimal
    kind: ChurnKind | None = None
    cause: str | None = None

    @property
    def cost(self) -> Decimal:
        """The margin of a year, CNY, half up; nothing of who brought back more than it bought."""
        return max(to_cents(self.yearly * self.margin), ZERO)


@dataclass(frozen=True, slots=True)
class Loss:
    """A customer who is lost since `lost_on`. `yearly` and `cost` are CNY, `words` are sealed.

    `returned_on` is the day on which it bought again; `withdrawn_at`: it never was lost, a purchase came to light;
    `historical`: a takeover brought it.
    """

    id: UUID
    version: int
    customer_id: UUID
    lost_on: date
    tier: Tier
    yearly: Decimal
    cost: Decimal
    found_at: datetime
    kind: ChurnKind | None = None
    cause: str | None = None
    words: bytes | None = None
    said_at: datetime | None = None
    said_by: UUID | None = None
    returned_on: date | None = None
    withdrawn_at: datetime | None = None
    historical: bool = False

    @property
    def stands(self) -> bool:
        """Whether the customer is lost still."""
        return self.returned_on is None and self.withdrawn_at is None

    def gone(self, days: "Gone") -> "Loss":
        """On these days; one that was withdrawn counts again."""
        version = self.version if self.withdrawn_at is None else self.version + 1
        return replace(self, version=version, lost_on=days.lost_on, returned_on=days.returned_on, withdrawn_at=None)

    def check_stands(self) -> None:
        """Raises CustomerReturned, NeverLost."""
        if self.withdrawn_at is not None:
            raise NeverLost("a purchase came to light, or what made it lost was taken back: nothing is said of it")
        if not self.stands:
            raise CustomerReturned("it buys again: its next loss is another one")

    def said(self, what: Mapping[str, Any], at: datetime, by: UUID) -> "Loss":
        """With what is said of it: kind, cause, words."""
        after = replace(self, **what)
        return self if after == self else replace(after, version=self.version + 1, said_at=at, said_by=by)


@dataclass(frozen=True, slots=True)
class Gone:
    """That a customer was lost on a day and bought again on another; None: not yet."""

    lost_on: date
    returned_on: date | None

    def may_be(self, loss: Loss) -> bool:
        """Whether it may be this loss, which does not stand: one that is over has moved, a withdrawn one has not."""
        if loss.withdrawn_at is not None or loss.returned_on is None:
            return self.lost_on == loss.lost_on
        return self.lost_on <= loss.returned_on and (self.returned_on is None or loss.lost_on <= self.returned_on)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of customers: who is lost since which day, or still so since the day that was found before; whose
    loss is over (None: they never were lost); the lives of whom something was entered or taken back (`touched`); and
    whether the lost have `bought_again` by now, so that what they bought before counts."""

    lost: Mapping[UUID, date]
    still: Mapping[UUID, date]
    back: Mapping[UUID, Gone | None]
    touched: Mapping[UUID, Life]
    bought_again: bool = False


def gone_since(since: date, life: Life) -> Gone | None:
    """What is known today of a loss that was found `since` a day, which a purchase that came to light may have moved;
    None: it never was."""
    days = [change.on for change in life.changes[1:]]
    gone = [Gone(change.on, back) for change, back in zip_longest(life.changes, days) if change.stage == "lost"]
    return next((each for each in gone if each.returned_on is None or each.returned_on >= since), None)


def put_right(over: Collection[Loss], life: Life, at: datetime) -> list[Loss]:
    """Losses of a customer that are over, or were withdrawn, and are otherwise by what is known of its life today: one
    that never was is withdrawn, one of the same day that was after all counts again, both under their next version; of
    two that a purchase no longer parts the first stays."""
    days = [change.on for change in life.changes[1:]]
    gone = [Gone(change.on, back) for change, back in zip(life.changes, days, strict=False) if change.stage == "lost"]
    changed = []
    for loss in sorted(over, key=lambda each: (each.withdrawn_at is not None, each.lost_on)):
        found = next((each for each in gone if each.may_be(loss)), None)
        if found is not None:
            gone.remove(found)
            changed.append(loss.gone(found))
        elif loss.withdrawn_at is None:
            changed.append(replace(loss, version=loss.version + 1, withdrawn_at=at))
    return [each for each in changed if each not in over]


def lost(new_id: UUID, left: Left, since: date, at: datetime, known: Loss | None, *, historical: bool) -> Loss:
    """The loss of who is found lost since a day; `known` is the one that stands, or was taken for over. What somebody
    said of it stays."""
    new = Loss(new_id, 0, left.customer_id, since, left.tier, left.yearly, left.cost, at, historical=historical)
    found = known or new
    return replace(
        found,
        version=found.version + 1,
        lost_on=since,
        tier=left.tier,
        yearly=left.yearly,
        cost=left.cost,
        kind=found.kind or left.kind,
        cause=found.cause or left.cause,
        returned_on=None,
        withdrawn_at=None,
    )


@dataclass(frozen=True, slots=True)
class LossTotal:
    """What losses come to that have `key` in common: of them `returned` are back; yearly sums and costs in CNY."""

    by: str
    key: str | None
    number: int
    returned: int
    yearly: Decimal
    cost: Decimal
