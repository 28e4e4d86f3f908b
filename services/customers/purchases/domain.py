"""When a purchase or a return is good, and what makes it the same purchase (domain 2.3, decision 13)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Literal
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound
from shared.months import FIRST_YEAR, Month

MOST_LINES: Final = 200
"""Lines that one entry has at most."""
SHOWN: Final = 5
"""Entries that are shown of a customer who calls, the newest first."""


class PurchaseNotFound(NotFound):
    slug = "unknown-purchase"
    title = "There is no such purchase"


class ExternalNoReused(Conflict):
    slug = "external-no-reused"
    title = "The external number stands for another purchase"


class MomentRefused(Invalid):
    slug = "moment-refused"
    title = "The date cannot be right"


class ReturnRefused(Invalid):
    slug = "return-refused"
    title = "It cannot be returned like this"


class PurchaseReversed(Conflict):
    slug = "purchase-reversed"
    title = "This entry has been reversed"


class ReturnsStand(Conflict):
    slug = "returns-stand"
    title = "Something of this purchase came back"


class ReversalNotFound(NotFound):
    slug = "not-reversed"
    title = "This entry has not been reversed"


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """What an entry says of one product, and of one batch where that is known; in a return, what of it came back.

    `quantity` is pieces, 1 or more; `amount` as paid and `cost` to the company are CNY, None where nobody said.
    """

    product: str
    batch: str | None
    quantity: int
    amount: Decimal | None
    cost: Decimal | None

    @property
    def goods(self) -> "Goods":
        return self.product, self.batch


Goods = tuple[str, str | None]
"""A product and its batch, as they stand on the pack; None: the batch is not known."""


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """A purchase to be recorded. `amount` in CNY as paid; `month` is the one it counts in; `identity` has 16 bytes."""

    id: UUID
    customer_id: UUID
    brand_id: UUID | None
    grade: str
    amount: Decimal
    occurred_at: datetime
    month: Month
    external_no: str | None
    identity: bytes
    order_no: str | None = None
    receipt_no: str | None = None


@dataclass(frozen=True, slots=True)
class PurchaseResult:
    """The purchase or return that stands now; `repeated`: it stood already, with the same content."""

    id: UUID
    repeated: bool


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase as it stands; `returned` is what of it came back. A return is negative and names what it returns.

    `reversed_at` is when it was undone as a mistake: then it counts nowhere. `brand_name` is said where it is shown.
    """

    id: UUID
    version: int
    customer_id: UUID
    brand_id: UUID | None
    grade: str
    amount: Decimal
    returned: Decimal
    occurred_at: datetime
    month: Month
    external_no: str | None
    returns_id: UUID | None
    reversed_at: datetime | None
    order_no: str | None = None
    receipt_no: str | None = None
    import_id: UUID | None = None
    lines: tuple[PurchaseLine, ...] = ()
    brand_name: str | None = None

    @property
    def kind(self) -> Literal["purchase", "return"]:
        return "purchase" if self.returns_id is None else "return"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list of purchases may be narrowed to: from when on, before when, of which brand; None: any."""

    since: datetime | None = None
    until: datetime | None = None
    brand_id: UUID | None = None


EVERYTHING: Final = Narrowing()


@dataclass(frozen=True, slots=True)
class PurchaseAsked:
    """A purchase as somebody enters it.

    `external_no` is its own in the system that it comes from; several purchases may be of one order or on one receipt.
    """

    customer_id: UUID
    brand_id: UUID | None
    amount: Decimal
    occurred_at: datetime | None
    external_no: str | None
    lines: tuple[PurchaseLine, ...] = ()
    order_no: str | None = None
    receipt_no: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnAsked:
    """A return as somebody enters it; `amount` is positive, and so are the quantities of its lines."""

    amount: Decimal
    occurred_at: datetime | None
    external_no: str | None
    lines: tuple[PurchaseLine, ...] = ()
    receipt_no: str | None = None


@dataclass(frozen=True, slots=True)
class Reversal:
    """Who undid an entry, when and why; `replaced_by` is what was entered in its place by the same correction."""

    purchase_id: UUID
    reason: str
    reversed_at: datetime
    reversed_by: UUID
    replaced_by: UUID | None = None


def numbered(external_no: str) -> bytes:
    """The identity of what carries a number of its own: order and receipt numbers are unique in the company."""
    return blake2b(external_no.encode(), digest_size=16, person=b"external-no").digest()


def unnumbered(id_: UUID) -> bytes:
    """The identity of a single entry without a number: its own."""
    return id_.bytes


def is_same(standing: Purchase, new: NewPurchase) -> bool:
    """Whether what stands under an identity says what is handed in again; numbers that are not said are left alone."""
    numbers = (new.order_no or standing.order_no, new.receipt_no or standing.receipt_no)
    if numbers != (standing.order_no, standing.receipt_no):
        return False
    return (standing.customer_id, standing.brand_id, standing.amount, standing.occurred_at, standing.returns_id) == (
        new.customer_id,
        new.brand_id,
        new.amount,
        new.occurred_at,
        None,
    )


def check_moment(occurred_at: datetime, now: datetime, zone: tzinfo) -> None:
    """Raises MomentRefused for the future and for what lies before 1990 in the company's zone."""
    if occurred_at > now:
        raise MomentRefused("it lies in the future; send when it happened, with its offset", pointer="#/occurred_at")
    if occurred_at.astimezone(zone).year < FIRST_YEAR:
        raise MomentRefused(f"it lies before {FIRST_YEAR}; send when it happened", pointer="#/occurred_at")


def check_return(purchase: Purchase, amount: Decimal, occurred_at: datetime) -> None:
    """Raises ReturnRefused when more would come back than was bought, or before it was bought, and PurchaseReversed."""
    check_stands(purchase)
    if purchase.returns_id is not None:
        raise ReturnRefused("this is a return itself; name the purchase that it returned")
    if occurred_at < purchase.occurred_at:
        raise ReturnRefused("nothing is returned before it was bought", pointer="#/occurred_at")
    left = purchase.amount - purchase.returned
    if amount > left:
        raise ReturnRefused(f"at most {left} of it can still be returned", pointer="#/amount")


def check_returned_lines(lines: Sequence[PurchaseLine], left: Mapping[Goods, int]) -> None:
    """Raises ReturnRefused when a line names what the purchase did not, or more than is left of it."""
    wanted: Counter[Goods] = Counter()
    for number, line in enumerate(lines):
        wanted[line.goods] += line.quantity
        if line.goods not in left:
            raise ReturnRefused(
                "no line of the purchase names this product and batch; name them as they stand there",
                pointer=f"#/lines/{number}",
            )
        if wanted[line.goods] > left[line.goods]:
            raise ReturnRefused(
                f"at most {left[line.goods]} of it can still be returned", pointer=f"#/lines/{number}/quantity"
            )


def left_of(bought: Iterable[PurchaseLine], returned: Iterable[PurchaseLine]) -> Mapping[Goods, int]:
    """How many pieces of each product and batch of a purchase have not come back."""
    left: Counter[Goods] = Counter()
    for line in bought:
        left[line.goods] += line.quantity
    for line in returned:
        left[line.goods] -= line.quantity
    return left


def check_stands(purchase: Purchase) -> None:
    """Raises PurchaseReversed."""
    if purchase.reversed_at is not None:
        raise PurchaseReversed("it was undone as a mistake; enter the right one anew")


def check_reversal(purchase: Purchase) -> None:
    """An entry is undone once, a purchase after its returns (decision 21). Raises PurchaseReversed or ReturnsStand."""
    check_stands(purchase)
    if purchase.returned > 0:
        raise ReturnsStand("reverse its returns first: they are listed with the customer's purchases")


def check_correction(purchase: Purchase) -> None:
    """Raises ReturnRefused for a return: it is undone, and what really came back is entered at its purchase."""
    if purchase.returns_id is not None:
        raise ReturnRefused("this is a return; reverse it, and record the right one at its purchase")
