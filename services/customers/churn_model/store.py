"""Fits in the database, and what they are fitted on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from services.customers.churn_model.domain.expectations import Bought
from services.customers.churn_model.domain.fits import FitOutcome
from services.customers.churn_model.domain.schedule import ChurnFit
from services.customers.churn_model.tables import ChurnFitRow, ExpectationRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, by_column, given, insert_one, table, upsert_many, with_parts

FIELDS: Final = tuple(field.name for field in fields(ChurnFit))
FITS: Final = select(*(table(ChurnFitRow).c[name] for name in FIELDS))
AT_ONCE: Final = 1_000
"""Customers that are judged without giving way to other work: a few milliseconds."""
MOST_SECONDS: Final = 300.0
"""For all purchases to be read."""

_KEPT: Final = "b.reversed_at IS NULL AND b.returns_id IS NULL AND b.amount > b.returned"
_HISTORY: Final = """(
    SELECT array_agg(d.day ORDER BY d.day) AS days, avg(d.amount) FILTER (WHERE d.place > 1) AS mean
    FROM (
        SELECT o.day, sum(o.amount) AS amount, row_number() OVER (ORDER BY o.day) AS place
        FROM (
            SELECT (b.occurred_at AT TIME ZONE :zone::text)::date AS day, b.amount - b.returned AS amount
            FROM purchase b WHERE b.customer_id = {customer_id} AND {kept}
        ) o
        WHERE o.day <= {until} GROUP BY o.day
    ) d
)"""


def history_of(customer_id: str, until: str) -> str:
    """What a customer has bought until the end of a day, as a subquery: days and mean of `Bought`.

    What is done on a day counts once; what came back, or was reversed, counts not at all. By hand: it is read beside
    each customer, in the order of the index, so that nothing is sorted that grows with all purchases.
    """
    return with_parts(_HISTORY, customer_id=customer_id, until=until, kept=_KEPT)


_ASK: Final = Statement(insert_one(ChurnFitRow, "id", "asked_at", "asked_by"))
_UNFINISHED: Final = Statement(
    FITS.where(col(ChurnFitRow.finished_at).is_(None)).order_by(col(ChurnFitRow.id)).limit(1), ChurnFit
)
_NEXT: Final = Statement(
    FITS.where(col(ChurnFitRow.finished_at).is_(None))
    .order_by(col(ChurnFitRow.id))
    .limit(1)
    .with_for_update(skip_locked=True),
    ChurnFit,
)
_LAST_NIGHTLY: Final = Scalar(
    select(func.max(col(ChurnFitRow.asked_at))).where(col(ChurnFitRow.asked_by).is_(None)), datetime
)
_CONVERGED: Final = Statement(
    FITS.where(col(ChurnFitRow.outcome) == FitOutcome.CONVERGED.value).order_by(col(ChurnFitRow.id).desc()).limit(1),
    ChurnFit,
)
_LATEST: Final = Statement(
    FITS.where(col(ChurnFitRow.finished_at).is_not(None)).order_by(col(ChurnFitRow.id).desc()).limit(1), ChurnFit
)
_FINISH: Final = Statement(
    update(ChurnFitRow)
    .values(
        {
            name: given(name, table(ChurnFitRow).c[name].type)
            for name in FIELDS
            if name not in ("id", "asked_at", "asked_by")
        }
    )
    .where(col(ChurnFitRow.id) == given("id"))
)
_LINES: Final = Statement(
    """
    SELECT cardinality(h.days) - 1, h.days[cardinality(h.days)] - h.days[1], :until::date - h.days[1],
        coalesce(h.mean, 0)
    FROM customer c CROSS JOIN LATERAL {history} h WHERE cardinality(h.days) > 0
    """,
    history=history_of("c.id", ":until::date"),
)
_CAME_BACK: Final = Statement(
    """
    SELECT c.id AS customer_id, h.days, h.mean FROM customer c CROSS JOIN LATERAL {history} h
    WHERE cardinality(h.days) > 1
    """,
    Bought,
    history=history_of("c.id", ":until::date"),
)
_ENOUGH: Final = Scalar(
    """
    SELECT count(*) = :fewest::bigint FROM (
        SELECT FROM purchase b WHERE {kept} GROUP BY b.customer_id
        HAVING max(b.occurred_at) - min(b.occurred_at) >= interval '1 day' LIMIT :fewest::bigint
    ) came_back
    """,
    bool,
    kept=_KEPT,
)
_JUDGE: Final = Statement(
    upsert_many(ExpectationRow, "customer_id", "fit_id", "judged_on", "alive", key=("customer_id",))
)
_FORGET: Final = Statement(delete(ExpectationRow).where(col(ExpectationRow.fit_id) != given("fit_id")))


async def ask(transaction: Reader, fit: ChurnFit) -> None:
    """Takes a run down that is to come."""
    await _ASK.execute(transaction, id=fit.id, asked_at=fit.asked_at, asked_by=fit.asked_by)


async def unfinished(reader: Reader) -> ChurnFit | None:
    """The run that is under way, or comes next."""
    return await _UNFINISHED.one(reader)


async def take(transaction: Connection) -> ChurnFit | None:
    """The next run, held until the transaction ends; None where there is none, or another process is at it."""
    return await _NEXT.one(transaction)


async def last_nightly(reader: Reader) -> datetime | None:
    """When the schedule last asked for one."""
    return await _LAST_NIGHTLY.one(reader)


async def converged(reader: Reader) -> ChurnFit | None:
    """The last fit that has converged."""
    return await _CONVERGED.one(reader)


async def latest(reader: Reader) -> ChurnFit | None:
    """The last run that is finished."""
    return await _LATEST.one(reader)


async def finish(transaction: Connection, fit: ChurnFit) -> None:
    """Keeps what came of it."""
    values = {name: value for name, value in asdict(fit).items() if name not in ("asked_at", "asked_by")}
    await _FINISH.execute(transaction, **values)


async def enough(reader: Reader, fewest: int) -> bool:
    """Whether there may be as many customers who came back as a fit needs."""
    return await _ENOUGH.only(reader, fewest=fewest)


async def write_lines(reader: Connection, pipe: asyncio.StreamWriter, until: date, zone: str) -> None:
    """Copies a line for each customer who has bought into the pipe; to the end, also where nobody listens."""

    async def write(lines: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            pipe.write(lines)
            await pipe.drain()

    values = _LINES.arguments({"until": until, "zone": zone})
    await reader.copy_from_query(_LINES.sql, *values, output=write, timeout=MOST_SECONDS)


def came_back(transaction: Connection, until: date, zone: str) -> AsyncIterator[list[Bought]]:
    """Those who have bought on more than one day, some at a time."""
    return _CAME_BACK.in_batches(transaction, AT_ONCE, until=until, zone=zone)


async def judge(transaction: Connection, fit_id: UUID, on: date, chances: Sequence[tuple[UUID, float]]) -> None:
    """Keeps the chances of customers, as a run judged them."""
    rows = [{"customer_id": id_, "fit_id": fit_id, "judged_on": on, "alive": chance} for id_, chance in chances]
    if rows:
        await _JUDGE.execute(transaction, **by_column(rows))


async def forget_others(transaction: Connection, fit_id: UUID) -> None:
    """Removes whom that run did not judge."""
    await _FORGET.execute(transaction, fit_id=fit_id)
