"""What was learnt of who comes back, in the database, and the cases that it is learnt from."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cost.domain.figures import COUNTED
from services.complaints.cost.domain.model import Step
from services.complaints.cost.domain.returning import MONTHS_AFTER, MONTHS_BACK, Fit, Seen
from services.complaints.cost.domain.speed import begins
from services.complaints.cost.tables import ReturnFitRow
from services.complaints.purchases.domain import YEAR
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

_KEPT = ("month", "needed", "seen")
_LATEST_FIRST = select(*(table(ReturnFitRow).c[name] for name in _KEPT)).order_by(col(ReturnFitRow.month).desc())
_UNTIL = Statement(_LATEST_FIRST.where(col(ReturnFitRow.month) <= given("month")).limit(given("most")), Fit.kept)
_LAST = Scalar(select(col(ReturnFitRow.month)).order_by(col(ReturnFitRow.month).desc()).limit(1), int)
_ADD = Statement(insert_one(ReturnFitRow, *_KEPT, "made_at").on_conflict_do_nothing())
_SEEN = Statement(
    """
    SELECT place - 1 AS step, count(*)::integer AS cases,
           (count(*) FILTER (WHERE EXISTS (
               SELECT FROM purchase_month b
               WHERE b.customer_id = c.customer_id AND b.amount > 0
                   AND b.month > c.month AND b.month <= c.month + :after
           )))::integer AS returned
    FROM (
        SELECT customer_id,
               width_bucket(
                   greatest(ceil(extract(epoch FROM resolved_at - recorded_at)), 0)::bigint, :begins::bigint[]
               ) AS place,
               (extract(year FROM resolved_at AT TIME ZONE :zone) * 12
                + extract(month FROM resolved_at AT TIME ZONE :zone) - 1)::integer AS month
        FROM complaint
        WHERE recorded_at >= :since AND recorded_at < :until AND resolved_at < :solved_until
            AND kind = ANY(:kinds::text[]) AND valid IS NOT FALSE AND good_faith IS NOT FALSE
    ) c
    WHERE EXISTS (
        SELECT FROM purchase_month b
        WHERE b.customer_id = c.customer_id AND b.month > c.month - :year AND b.month <= c.month AND b.amount > 0
    )
    GROUP BY place
    """
)
"""By hand: who came back is counted where it lies."""


async def until(reader: Reader, month: int, most: int = 1) -> list[Fit]:
    """What was learnt in this month or before, the latest first."""
    return await _UNTIL.all(reader, month=month, most=most)


async def last(reader: Reader) -> int | None:
    """The last month in which something was learnt, or there was too little for that."""
    return await _LAST.one(reader)


async def seen(reader: Reader, month: Month, curve: Sequence[Step], zone: ZoneInfo) -> list[Seen]:
    """The cases of which it is known in a month who came back, by the steps of a curve.

    One month of recording after the other: no statement looks at more cases than that.
    """
    counts = [[0, 0] for _ in curve]
    for ago in range(MONTHS_BACK, 0, -1):
        recorded = month.plus(-MONTHS_AFTER - ago)
        for step, cases, returned in await _SEEN.all(
            reader,
            begins=begins(curve),
            since=recorded.starts(zone),
            until=recorded.ends(zone),
            solved_until=month.plus(-MONTHS_AFTER).starts(zone),
            after=MONTHS_AFTER,
            year=YEAR,
            kinds=list(COUNTED),
            zone=zone.key,
        ):
            counts[step][0] += cases
            counts[step][1] += returned
    return [Seen(step.within_hours, cases, back) for step, (cases, back) in zip(curve, counts, strict=True)]


async def add(transaction: Connection, fit: Fit, now: datetime) -> None:
    """Keeps what was learnt; another worker may have kept the same."""
    steps = [{**asdict(each), "returns": each.returns and str(each.returns)} for each in fit.seen]
    await _ADD.execute(transaction, month=fit.month, needed=fit.needed, seen=steps, made_at=now)
