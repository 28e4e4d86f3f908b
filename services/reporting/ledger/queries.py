"""Reading the ledger: bookings, their total, and sums month by month."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final
from uuid import UUID

from services.reporting.context import Context
from services.reporting.ledger import domain
from services.reporting.ledger.domain import By, Cell, Close, Entry, Span, Summary, Total, Wanted
from shared.auth.visibility import subordinates
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, with_parts

ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)

_WANTED = with_parts(
    """
    e.month BETWEEN :first AND :last
    AND (:person_id::uuid IS NULL OR e.person_id = :person_id)
    AND (:department_id::uuid IS NULL OR e.department_id = :department_id)
    AND (:supervisor_id::uuid IS NULL OR e.supervisor_id = :supervisor_id)
    AND (:fund_id::uuid IS NULL OR e.fund_department_id = :fund_id)
    AND (:account::text IS NULL OR e.account = :account)
    AND (:kind::text IS NULL OR e.kind = :kind)
    AND (NOT :after_close::boolean OR EXISTS (
        SELECT FROM ledger_month c WHERE c.month = e.month AND e.booked_at > c.closed_at))
    AND (:viewer::uuid IS NULL OR e.person_id IN ({people})
        OR e.department_id IN ({managed}) OR e.fund_department_id IN ({managed}))""",
    people=subordinates(),
    managed="SELECT d.id FROM directory_department d WHERE d.manager_id = :viewer",
)
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""

_ENTRIES = Statement(
    """
    SELECT e.id, e.kind, e.account, e.fund_department_id, e.person_id, e.department_id, e.supervisor_id, e.amount,
        e.month, e.booked_at, e.basis_kind, e.basis_id, e.rule, e.complaint_id, e.task_id, e.reverses,
        e.month <= coalesce((SELECT max(month) FROM ledger_month), -1) AS closed,
        coalesce(e.booked_at > m.closed_at, false) AS after_close
    FROM ledger_entry e LEFT JOIN ledger_month m ON m.month = e.month
    WHERE e.id < :before AND {wanted}
    ORDER BY e.id DESC
    """,
    Entry,
    wanted=_WANTED,
)
_TOTAL = Statement(
    "SELECT coalesce(sum(e.amount), 0.00) AS amount, count(*) AS bookings FROM ledger_entry e WHERE {wanted}",
    Total,
    wanted=_WANTED,
)
_SUMS = """
    SELECT s.id, n.name, s.of_kind, s.month, s.amount, s.bookings
    FROM (
        SELECT CASE WHEN grouping(e.kind) = 1 THEN {of} END AS id,
            CASE WHEN grouping(e.kind) = 0 THEN e.kind END AS of_kind,
            e.month, sum(e.amount) AS amount, count(*) AS bookings
        FROM ledger_entry e
        WHERE {wanted}
        GROUP BY e.month, GROUPING SETS ({groups})
    ) s LEFT JOIN {names} n ON n.id = s.id
    ORDER BY s.id NULLS LAST, s.month, s.of_kind
    """
"""By hand, for the grouping sets: rows and months are sums of one and the same moment, so they add up."""


def _sums(of: str, names: str) -> Statement[Cell]:
    return Statement(_SUMS, Cell, of=of, groups=f"({of}), (e.kind)", names=names, wanted=_WANTED)


_BY: Final[Mapping[By, Statement[Cell]]] = {
    "person": _sums("e.person_id", "directory_staff"),
    "supervisor": _sums("e.supervisor_id", "directory_staff"),
    "department": _sums("e.department_id", "directory_department"),
    "fund": _sums("e.fund_department_id", "directory_department"),
    "month": Statement(_SUMS, Cell, of="NULL::uuid", groups="(e.kind)", names="directory_department", wanted=_WANTED),
}
_CLOSES = Statement("SELECT month, closed_at FROM ledger_month WHERE month BETWEEN :first AND :last", Close)
_ON_PEOPLE = Statement(
    "SELECT person_id, sum(amount) AS amount, count(*) AS bookings FROM ledger_entry "
    "WHERE month = :month AND person_id IS NOT NULL GROUP BY person_id",
    lambda person_id, amount, bookings: (person_id, Total(amount, bookings)),
)
_CLOSED_THROUGH = Scalar("SELECT max(month) FROM ledger_month", int)


async def list_entries(
    context: Context, span: Span, wanted: Wanted, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Entry]:
    """Bookings, the latest first. A viewer sees those of themselves and their people, and those that stand under a
    department that they manage: of who was in it then, and of its fund."""
    values = _values(span, wanted, viewer)
    return await _ENTRIES.limited(most).all(context.database, **values, before=before or ABOVE_EVERY_ID)


async def total_of(context: Context, span: Span, wanted: Wanted, *, viewer: UUID | None) -> Total:
    """What all bookings of the filter come to that the viewer sees."""
    [total] = await _TOTAL.all(context.database, **_values(span, wanted, viewer))
    return total


async def summary_of(context: Context, span: Span, wanted: Wanted, by: By, *, viewer: UUID | None) -> Summary:
    """Sums of what the viewer sees, month by month."""
    cells = await _BY[by].all(context.database, **_values(span, wanted, viewer))
    closes = await _CLOSES.all(context.database, **asdict(span))
    return domain.summed(span, cells, closes, await _CLOSED_THROUGH.one(context.database))


async def is_closed(reader: Reader, month: Month) -> bool:
    """Whether nothing is booked into a month any longer."""
    through = await _CLOSED_THROUGH.one(reader)
    return through is not None and month.ordinal <= through


async def booked_on_people(reader: Reader, month: Month) -> dict[UUID, Total]:
    """What was booked on each person in a month, whoever asks."""
    return dict(await _ON_PEOPLE.all(reader, month=month.ordinal))


def _values(span: Span, wanted: Wanted, viewer: UUID | None) -> dict[str, object]:
    return {**asdict(span), **wanted.named(), "viewer": viewer}
