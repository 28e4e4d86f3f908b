"""What complaints keeps of purchases, and how products and batches are told apart (domain 3.8)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.customers import PurchaseLine, PurchaseRecorded, PurchaseReturned, PurchaseReversed
from shared.money import ZERO
from shared.months import Month
from shared.texts import fold_identifier

PurchaseFact = PurchaseRecorded | PurchaseReturned | PurchaseReversed
YEAR: Final = 12
"""Months that count as a year: the running one and the eleven before it."""


def key_of(written: str) -> str:
    """By what products and batches are compared: half width, without spaces, in small letters (decision 30a)."""
    return fold_identifier(written).replace(" ", "").casefold()


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought a batch: how many pieces they have not given back, and when they last bought of it."""

    customer_id: UUID
    quantity: int
    last_bought_at: datetime


@dataclass(frozen=True, slots=True)
class BoughtBatch:
    """What one purchase brought of one batch, or an event that changes it; `bought_at` is the earliest that told."""

    purchase_id: UUID
    product_key: str
    batch_key: str
    customer_id: UUID
    bought_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What changes in what a customer bought in a month (`Month.ordinal`): CNY, and how many purchases."""

    customer_id: UUID
    month: int
    amount: Decimal
    purchases: int


def month_sums(facts: Iterable[PurchaseFact], zone: ZoneInfo) -> list[MonthSum]:
    """What these events change, once for each customer and month, in one order for everybody who writes.

    A return counts in the month in which it came back.
    """
    sums: dict[tuple[UUID, int], tuple[Decimal, int]] = defaultdict(lambda: (ZERO, 0))
    for fact in facts:
        key = fact.customer_id, Month.of(fact.occurred_at, zone).ordinal
        amount, purchases = sums[key]
        sums[key] = amount + fact.amount, purchases + _counts(fact)
    return [MonthSum(*key, *sums[key]) for key in sorted(sums)]


def _counts(fact: PurchaseFact) -> int:
    if isinstance(fact, PurchaseRecorded):
        return 1
    return -1 if isinstance(fact, PurchaseReversed) and fact.return_id is None else 0


def bought_batches(facts: Iterable[PurchaseFact]) -> list[BoughtBatch]:
    """What these events change of batches, once for each purchase and batch, in one order for everybody who writes."""
    found: dict[tuple[UUID, str, str], BoughtBatch] = {}
    for fact in facts:
        for line in _with_batch(fact.lines):
            new = _bought(fact, line)
            key = new.purchase_id, new.product_key, new.batch_key
            before = found.get(key)
            found[key] = new if before is None else _together(before, new)
    return [found[key] for key in sorted(found)]


def _with_batch(lines: Sequence[PurchaseLine]) -> Iterable[PurchaseLine]:
    return (line for line in lines if line.batch is not None)


def _bought(fact: PurchaseFact, line: PurchaseLine) -> BoughtBatch:
    return BoughtBatch(
        purchase_id=fact.purchase_id,
        product_key=key_of(line.product),
        batch_key=key_of(line.batch or ""),
        customer_id=fact.customer_id,
        bought_at=fact.occurred_at,
        quantity=line.quantity,
    )


def _together(one: BoughtBatch, other: BoughtBatch) -> BoughtBatch:
    return replace(one, quantity=one.quantity + other.quantity, bought_at=min(one.bought_at, other.bought_at))
