"""Signals in the database: how customers go, in one statement for many, and the signals that stand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.signals.domain import INVOICES, Course, Reason, Signal, SignalPolicy
from services.customers.signals.tables import SignalPolicyRow, SignalRow
from services.customers.tiers.store.judging import counted_of
from services.customers.tiers.store.policies import version_on
from services.customers.worth_policies.store import versions_of
from shared.db import Connection
from shared.months import Month
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    insert_one,
    table,
    update_many,
)

FIELDS: Final = ("id", "customer_id", "kind", "tier", "reasons", "policy_version", "began_at", "ended_at", "cause")
_DECIMALS: Final = ("before", "now", "rise", "threshold", "days")


def reason_of(kept: Mapping[str, Any]) -> Reason:
    """The reason in a row, in which figures are texts and what it has not is left out."""
    read: dict[str, Any] = dict(kept)
    read |= {name: Decimal(kept[name]) for name in _DECIMALS if name in kept}
    if "on" in kept:
        read["on"] = date.fromisoformat(kept["on"])
    if "competitor_id" in kept:
        read["competitor_id"] = UUID(kept["competitor_id"])
    return Reason(**read)


def signal_of(reasons: Sequence[Mapping[str, Any]], **same: Any) -> Signal:
    """The signal in a row with FIELDS."""
    return Signal(reasons=reasons_of(reasons), **same)


def reasons_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """As they are kept with a signal."""
    return tuple(map(reason_of, kept))


def course_of(
    *,
    bought: Sequence[tuple[int, Decimal]],
    first_month: int,
    many: int,
    threshold_a: Decimal,
    threshold_b: Decimal,
    threshold_c: Decimal,
    **same: Any,
) -> Course:
    """The course in a row of _COURSES."""
    sums = dict(bought)
    return Course(
        sums=[sums.get(month, Decimal(0)) for month in range(first_month, first_month + many)],
        thresholds={"A": threshold_a, "B": threshold_b, "C": threshold_c},
        **same,
    )


_COURSES: Final = Statement(
    """
    SELECT c.id AS customer_id, c.tier, p.threshold_a, p.threshold_b, p.threshold_c,
        :first_month::integer AS first_month, :many::integer AS many,
        ARRAY(
            SELECT ROW(t.month, sum({counted})) FROM month_total t
            WHERE t.customer_id = c.id AND t.month BETWEEN :first_month AND :first_month + :many - 1 GROUP BY t.month
        ) AS bought,
        CASE WHEN c.tier = 'A' THEN ARRAY(
            SELECT greatest(0, coalesce(i.paid_on, :today::date) - i.due_on) FROM payment i
            WHERE i.customer_id = c.id AND i.withdrawn_at IS NULL
                AND (i.paid_on IS NOT NULL OR i.due_on < :today::date)
            ORDER BY i.due_on DESC, i.id DESC LIMIT {invoices}
        ) ELSE ARRAY[]::integer[] END AS days_late,
        coalesce((
            SELECT :today::date - min(i.due_on) FROM payment i
            WHERE c.tier = 'A' AND i.customer_id = c.id AND i.withdrawn_at IS NULL AND i.paid_on IS NULL
                AND i.due_on < :today::date
        ), 0) AS overdue_days,
        e.told_on, e.competitor_id,
        EXISTS (SELECT FROM archive a WHERE a.customer_id = c.id AND a.erased_at IS NOT NULL) AS erased
    FROM tier_policy p CROSS JOIN customer c
    LEFT JOIN LATERAL (
        SELECT r.told_on, r.competitor_id FROM elsewhere_report r
        WHERE c.tier = 'B' AND r.customer_id = c.id AND r.withdrawn_at IS NULL
        ORDER BY r.told_on DESC, r.id DESC LIMIT 1
    ) e ON true
    WHERE p.version = :policy::integer AND c.id = ANY(:ids::uuid[])
    ORDER BY c.id
    """,
    course_of,
    counted=counted_of("p"),
    invoices=f"{INVOICES:d}",
)
"""By hand: months, invoices and reports of many beside each other. Archive and reports are rooms above this one."""
_NEXT: Final = Scalar("SELECT id FROM customer WHERE id > :after ORDER BY id LIMIT :most", UUID)
_STANDING: Final = Statement(
    select(*(table(SignalRow).c[name] for name in FIELDS)).where(
        col(SignalRow.customer_id) == any_given("ids", Uuid), col(SignalRow.ended_at).is_(None)
    ),
    signal_of,
)
_ADD: Final = Statement(
    """
    INSERT INTO signal (id, customer_id, kind, tier, reasons, policy_version, began_at)
    SELECT s.id, s.customer_id, s.kind, s.tier, s.reasons::jsonb, s.policy_version, s.began_at
    FROM unnest(:id::uuid[], :customer_id::uuid[], :kind::text[], :tier::text[], :reasons::text[],
        :policy_version::integer[], :began_at::timestamptz[])
        AS s (id, customer_id, kind, tier, reasons, policy_version, began_at)
    ORDER BY s.id
    """
)
"""By hand: lists in an array of JSON become dimensions, so they go as text."""
_REFRESH: Final = Statement(
    """
    UPDATE signal s SET reasons = n.reasons::jsonb FROM unnest(:id::uuid[], :reasons::text[]) AS n (id, reasons)
    WHERE s.id = n.id
    """
)
"""By hand, likewise."""
_END: Final = Statement(update_many(SignalRow, "id", "ended_at", "cause"))
_POLICY: Final = Statement(
    select(*table(SignalPolicyRow).c).order_by(col(SignalPolicyRow.version).desc()).limit(1), SignalPolicy.kept
)
POLICIES: Final = versions_of("signal_policy", SignalPolicy.kept)
_HOLD_POLICY: Final = Statement("LOCK TABLE signal_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_ADD_POLICY: Final = Statement(insert_one(SignalPolicyRow, "version", "id", "definition", "set_at", "set_by"))
_IS_DUE: Final = Scalar("SELECT day < :today OR NOT done FROM signal_run", bool)
_HOLD_RUN: Final = Statement(
    """
    SELECT CASE WHEN day = :today THEN place ELSE :nobody END AS place FROM signal_run
    WHERE day < :today OR NOT done FOR UPDATE SKIP LOCKED
    """
)
"""By hand: one process at a time looks, and a new day begins anew."""
_REACH: Final = Statement("UPDATE signal_run SET day = :today, place = :place, done = :done")
_BEGIN_ANEW: Final = Statement("UPDATE signal_run SET place = :nobody, done = false")
NOBODY: Final = UUID(int=0)


async def is_due(reader: Reader, today: date) -> bool:
    """Whether anybody is still to be looked at today."""
    return await _IS_DUE.only(reader, today=today)


async def hold_run(transaction: Connection, today: date) -> UUID | None:
    """After whom to go on today; None when all were looked at, or while another process looks."""
    row = await _HOLD_RUN.one(transaction, today=today, nobody=NOBODY)
    return None if row is None else row["place"]


async def reach(transaction: Connection, today: date, place: UUID, *, done: bool) -> None:
    """Everybody up to `place` was looked at."""
    await _REACH.execute(transaction, today=today, place=place, done=done)


async def begin_anew(transaction: Connection) -> None:
    """Everybody is to be looked at once more, today."""
    await _BEGIN_ANEW.execute(transaction, nobody=NOBODY)


async def next_customers(reader: Reader, after: UUID, most: int) -> list[UUID]:
    """Customers by id."""
    return await _NEXT.all(reader, after=after, most=most)


async def courses(
    reader: Reader, ids: Sequence[UUID], *, today: date, running: Month, months: int
) -> dict[UUID, Course]:
    """How these customers go, by the complete months before the running one."""
    found = await _COURSES.all(
        reader,
        ids=ids,
        today=today,
        policy=await version_on(reader, today),
        first_month=running.ordinal - months,
        many=months,
    )
    return {each.customer_id: each for each in found}


async def standing(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, list[Signal]]:
    """Customer -> the signals that stand."""
    found: dict[UUID, list[Signal]] = {}
    for signal in await _STANDING.all(reader, ids=ids):
        found.setdefault(signal.customer_id, []).append(signal)
    return found


async def add(transaction: Connection, signals: Sequence[Signal]) -> None:
    """Adds signals of held customers."""
    if signals:
        rows = [{**asdict(each), "reasons": _kept(each.reasons)} for each in signals]
        values = by_column(rows)
        await _ADD.execute(transaction, **{name: values[name] for name in FIELDS if name not in ("ended_at", "cause")})


async def refresh(transaction: Connection, signals: Sequence[Signal]) -> None:
    """Writes what is known of signals by now."""
    if signals:
        rows = [{"id": each.id, "reasons": _kept(each.reasons)} for each in signals]
        await _REFRESH.execute(transaction, **by_column(rows))


async def end(transaction: Connection, signals: Sequence[Signal]) -> None:
    """Writes that signals have ended."""
    if signals:
        rows = [{"id": each.id, "ended_at": each.ended_at, "cause": each.cause} for each in signals]
        await _END.execute(transaction, **by_column(rows))


async def policy(reader: Reader) -> SignalPolicy:
    """The version that holds now; the migration brings the first."""
    [found] = await _POLICY.all(reader)
    return found


async def hold_policy(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _HOLD_POLICY.execute(transaction)


async def add_policy(transaction: Connection, policy: SignalPolicy) -> None:
    await _ADD_POLICY.execute(
        transaction,
        version=policy.version,
        id=policy.id,
        definition=policy.definition(),
        set_at=policy.set_at,
        set_by=policy.set_by,
    )


def _kept(reasons: Sequence[Reason]) -> str:
    """As JSON, without what a reason has not."""
    said = [{name: value for name, value in asdict(each).items() if value is not None} for each in reasons]
    return orjson.dumps(said, default=str).decode()
