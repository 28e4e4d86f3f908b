"""The ledger as its bookings tell of it, and its sums month by month (domain 5, decision 22b).

What a person pays is positive, what goes to a person or out of a fund negative. Complaints never books into a month
that it has closed: what is booked later counts in the next open one (decision 11). If such a booking comes all the
same, it counts in the month that it says, and is marked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.contracts.responsibility import BookingAccount, BookingKind, PenaltyRule
from shared.errors import Invalid
from shared.money import ZERO
from shared.months import Month

BasisKind: TypeAlias = Literal["penalty", "reward", "withdrawal", "internal"]
"""What a booking rests on: a penalty, a reward, a withdrawal of a fund, an internal case."""
By: TypeAlias = Literal["person", "supervisor", "department", "fund", "month"]
"""Of whom or what sums are asked for."""

FIRST: Final = 0
LAST: Final = 2**31 - 1
"""Below and above every month, as `Month.ordinal`."""
MOST_MONTHS: Final = 60
"""Of one summary: five years."""


class LedgerSpanRefused(Invalid):
    """A month stands alone; a span has a beginning, and an end that is not before it."""

    slug = "ledger-span-refused"
    title = "The ledger has no such span of months"


@dataclass(frozen=True, slots=True)
class Span:
    """Months from the first to the last, both included; as `Month.ordinal`."""

    first: int = FIRST
    last: int = LAST

    def months(self) -> list[Month]:
        return [Month.at(ordinal) for ordinal in range(self.first, self.last + 1)]


def span_of(month: Month | None, first: Month | None, last: Month | None) -> Span:
    """What is asked for: one month, or all from one to another; without either every month.

    Raises LedgerSpanRefused.
    """
    if month is not None:
        if first is not None or last is not None:
            raise LedgerSpanRefused("ask for one `month`, or for a span by `from` and `to`")
        return Span(month.ordinal, month.ordinal)
    return _ordered(Span(first.ordinal if first else FIRST, last.ordinal if last else LAST))


def bounded_span(first: Month, last: Month) -> Span:
    """The months of a summary, MOST_MONTHS at most. Raises LedgerSpanRefused."""
    span = _ordered(Span(first.ordinal, last.ordinal))
    if span.last - span.first >= MOST_MONTHS:
        raise LedgerSpanRefused(f"a summary has {MOST_MONTHS} months at most")
    return span


def _ordered(span: Span) -> Span:
    if span.last < span.first:
        raise LedgerSpanRefused("`to` lies before `from`")
    return span


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which bookings; None leaves a filter out. `department_id` and `supervisor_id` are the person's at that time,
    `fund_id` is whose fund; `after_close` asks for those alone that came into a month that was closed."""

    person_id: UUID | None = None
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    fund_id: UUID | None = None
    account: BookingAccount | None = None
    kind: BookingKind | None = None
    after_close: bool = False

    def named(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking; `month` counts as `Month.ordinal`, `closed` says whether that month is.

    `rule`, `complaint_id` and `task_id` say why, of what rests on a penalty; `complaint_id` also of a cost of fault.
    """

    id: UUID
    kind: BookingKind
    account: BookingAccount
    fund_department_id: UUID | None
    person_id: UUID | None
    department_id: UUID | None
    supervisor_id: UUID | None
    amount: Decimal
    month: int
    booked_at: datetime
    basis_kind: BasisKind
    basis_id: UUID
    rule: PenaltyRule | None
    complaint_id: UUID | None
    task_id: UUID | None
    reverses: UUID | None
    closed: bool
    after_close: bool


@dataclass(frozen=True, slots=True)
class Total:
    """What the bookings of a filter come to, CNY, and how many they are."""

    amount: Decimal
    bookings: int


@dataclass(frozen=True, slots=True)
class AfterClose:
    """A booking that came into a month after it was closed."""

    id: UUID
    month: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What was booked in a month: of somebody or something (`of_kind` is None), or of one kind in all."""

    id: UUID | None
    name: str | None
    of_kind: BookingKind | None
    month: int
    amount: Decimal
    bookings: int


@dataclass(frozen=True, slots=True)
class Close:
    """When a month of the ledger was closed."""

    month: int
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """What one person, supervisor, department or fund comes to; without an id what belongs to none of them."""

    id: UUID | None
    name: str | None
    total: Decimal
    bookings: int
    months: dict[int, Decimal]
    """By `Month.ordinal`."""


@dataclass(frozen=True, slots=True)
class MonthOfLedger:
    """A month in all; `closed_at` is None of one that is open, and of one before the first that was closed."""

    month: Month
    closed: bool
    closed_at: datetime | None
    total: Decimal
    bookings: int
    kinds: dict[BookingKind, Decimal]


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums by row and by month: both add up to the total."""

    rows: Sequence[Row]
    months: Sequence[MonthOfLedger]
    total: Decimal
    bookings: int


def summed(span: Span, cells: Iterable[Cell], closes: Iterable[Close], closed_through: int | None) -> Summary:
    """The sums of a span of months. Cells come ordered by whom or what they are of."""
    rows: dict[UUID | None, list[Cell]] = {}
    kinds: dict[int, list[Cell]] = {}
    for cell in cells:
        if cell.of_kind is None:
            rows.setdefault(cell.id, []).append(cell)
        else:
            kinds.setdefault(cell.month, []).append(cell)
    closed_at = {close.month: close.closed_at for close in closes}
    months = [
        _month(month, kinds.get(month.ordinal, ()), closed_at.get(month.ordinal), closed_through)
        for month in span.months()
    ]
    return Summary(
        rows=[_row(of_one) for of_one in rows.values()],
        months=months,
        total=sum((month.total for month in months), ZERO),
        bookings=sum(month.bookings for month in months),
    )


def _row(cells: Sequence[Cell]) -> Row:
    return Row(
        id=cells[0].id,
        name=cells[0].name,
        total=sum((cell.amount for cell in cells), ZERO),
        bookings=sum(cell.bookings for cell in cells),
        months={cell.month: cell.amount for cell in cells},
    )


def _month(
    month: Month, kinds: Sequence[Cell], closed_at: datetime | None, closed_through: int | None
) -> MonthOfLedger:
    return MonthOfLedger(
        month=month,
        closed=closed_through is not None and month.ordinal <= closed_through,
        closed_at=closed_at,
        total=sum((cell.amount for cell in kinds), ZERO),
        bookings=sum(cell.bookings for cell in kinds),
        kinds={cell.of_kind: cell.amount for cell in kinds if cell.of_kind is not None},
    )
