"""Whom to judge, what says what they are, and keeping what was judged: a statement each for many customers.

Rows of customers are held in the order of their ids. Heads are held for their key alone: who merges them waits, and
nobody who buys; what is bought meanwhile leaves a mark, and is judged next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from services.customers.churn_model import store as fits
from services.customers.early_warnings.domain.reasons import EndingTie, Signal
from services.customers.early_warnings.store import SIGNALS
from services.customers.lifecycle.store import DAYS
from services.customers.purchases.store.costs import cost_of
from services.customers.segments.domain import YEAR
from services.customers.segments.store import DAYS_LATE, OVERRIDES, RATED
from services.customers.tiers.store.judging import counted_of
from services.customers.tiers.store.policies import version_on
from services.customers.ties.store import HOLDING_SINCE
from services.customers.worth.domain.judging import BoughtInMonth, By, Facts, Worth
from services.customers.worth.domain.standing import NEW, SegmentChange, StageMove
from services.customers.worth.store.places import margin
from services.customers.worth.tables import CustomerWorthRow, SegmentChangeRow, StageChangeRow
from services.customers.worth_policies import store as policies
from shared.db import Connection
from shared.ids import SQL as NEW_ID
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, insert_many, update_many, with_parts

_ASKS: Final = Scalar(
    """
    SELECT EXISTS (SELECT FROM worth_mark)
        OR EXISTS (SELECT FROM customer_worth WHERE due_on <= :today::date)
    """,
    bool,
)
"""By hand: all that could be due, in one look."""
_TAKE: Final = Statement(
    """
    DELETE FROM worth_mark WHERE id = ANY (ARRAY(
        SELECT id FROM worth_mark ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED))
    RETURNING customer_id, month, historical
    """,
    lambda customer_id, month, historical: (customer_id, month, historical),
)
"""By hand: several workers share the marks."""
_HISTORY: Final = Statement("SELECT set_config('crm.historical', 'on', true)")
"""By hand: the triggers that mark look at it."""
_DUE: Final = Scalar(
    "SELECT customer_id FROM customer_worth WHERE due_on <= :today::date ORDER BY due_on, customer_id LIMIT :most", UUID
)
_BEGIN: Final = Statement(
    """
    INSERT INTO customer_worth (customer_id, id, version, stage, loyalty, size, value, loyalty_score, monthly, yearly)
    SELECT c.id, {new_id}, 0, '{stage}', '{loyalty}', '{size}', '{value}', 0, 0, 0
    FROM (SELECT id FROM customer WHERE id = ANY (:ids::uuid[]) ORDER BY id FOR KEY SHARE) AS c ORDER BY c.id
    ON CONFLICT (customer_id) DO NOTHING
    """,
    new_id=NEW_ID,
    **NEW,
)
_FIELDS: Final = tuple(field.name for field in fields(Worth))
_values: Final = attrgetter(*_FIELDS)
_HELD: Final = (
    "SELECT {fields} FROM customer_worth WHERE customer_id = ANY (:ids::uuid[]) ORDER BY customer_id FOR UPDATE"
)
_HOLD: Final = Statement(_HELD, Worth, fields=", ".join(_FIELDS))
_HOLD_FREE: Final = Statement(f"{_HELD} SKIP LOCKED", Worth, fields=", ".join(_FIELDS))


def _facts(
    months: Sequence[Any], signals: Sequence[Any], ties: Sequence[Any], overrides: Sequence[Any], **others: Any
) -> Facts:
    return Facts(
        months=[BoughtInMonth(*each) for each in months],
        signals=[Signal(*each) for each in signals],
        ties=[EndingTie(*each) for each in ties],
        overrides=dict(overrides),
        **others,
    )


_FACTS: Final = Statement(
    """
    SELECT w.customer_id,
        ARRAY({days}) AS days,
        ARRAY(
            SELECT ROW(t.month, sum({counted}), sum(t.amount)) FROM month_total t CROSS JOIN tier_policy p
            WHERE t.customer_id = w.customer_id AND p.version = :policy::integer GROUP BY t.month
        ) AS months,
        ARRAY({days_late}) AS days_late,
        ARRAY({rated}) AS rated,
        coalesce((
            SELECT true FROM payment i WHERE i.customer_id = w.customer_id AND i.withdrawn_at IS NULL
                AND i.paid_on IS NULL AND i.due_on < :today::date LIMIT 1
        ), false) AS is_late,
        (
            SELECT min(i.due_on) FROM payment i WHERE i.customer_id = w.customer_id AND i.withdrawn_at IS NULL
                AND i.paid_on IS NULL AND i.due_on >= :today::date
        ) AS next_due_on,
        ARRAY({signals}) AS signals,
        ARRAY(
            SELECT ROW(h.ends_on, h.id, h.kind, h.source) FROM ({ties}) AS h
            WHERE h.customer_id = w.customer_id AND h.ends_on IS NOT NULL
        ) AS ties,
        ARRAY({overrides}) AS overrides,
        (
            SELECT min(o.until) FROM segment_override o
            WHERE o.customer_id = w.customer_id AND o.ended_at IS NULL AND o.until >= :today::date
        ) AS override_until,
        coalesce(k.costed, 0) AS costed, coalesce(k.cost, 0) AS cost
    FROM unnest(:ids::uuid[]) AS w(customer_id) CROSS JOIN LATERAL (
        SELECT sum(e.amount) AS costed, sum(e.cost) AS cost FROM (
            SELECT p.amount, {cost} AS cost FROM purchase p
            WHERE p.customer_id = w.customer_id AND p.reversed_at IS NULL
                AND p.month BETWEEN :running::integer - {year} AND :running::integer - 1
        ) AS e WHERE e.cost IS NOT NULL
    ) AS k
    """,
    _facts,
    days=with_parts(DAYS, customer="w.customer_id"),
    cost=cost_of("p"),
    year=f"{YEAR:d}",
    counted=counted_of("p"),
    days_late=with_parts(DAYS_LATE, customer="w.customer_id"),
    rated=with_parts(RATED, customer="w.customer_id"),
    ties=HOLDING_SINCE,
    overrides=with_parts(OVERRIDES, customer="w.customer_id"),
    signals=with_parts(SIGNALS, customer="w.customer_id"),
)
"""By hand: lists beside each other, of many customers at once. EXISTS would be hashed: everybody's late invoices, each
time."""
_KEEP: Final = Statement(update_many(CustomerWorthRow, *_FIELDS, key=("customer_id",)))
_SEGMENT_FIELDS: Final = tuple(field.name for field in fields(SegmentChange) if field.name != "merged_id")
_STAGE_FIELDS: Final = tuple(field.name for field in fields(StageMove) if field.name != "merged_id")
_segment_values: Final = attrgetter(*_SEGMENT_FIELDS)
_stage_values: Final = attrgetter(*_STAGE_FIELDS)
_KEEP_SEGMENTS: Final = Statement(insert_many(SegmentChangeRow, "customer_id", *_SEGMENT_FIELDS))
_KEEP_STAGES: Final = Statement(insert_many(StageChangeRow, "customer_id", *_STAGE_FIELDS))


async def asks(reader: Reader, today: date) -> bool:
    """Whether something or time may have changed somebody."""
    return await _ASKS.only(reader, today=today)


async def policies_on(reader: Reader, today: date) -> By:
    """By what is judged on a day."""
    fit = await fits.converged(reader)
    model = (fit.id, fit.buying) if fit else (None, None)
    return By(await version_on(reader, today), await policies.present(reader), await margin(reader), *model)


async def enters_history(transaction: Connection) -> None:
    """Whatever this transaction enters or takes back is history, of which nobody is told as news (decision 5)."""
    await _HISTORY.execute(transaction)


async def take_marks(transaction: Connection, most: int) -> list[tuple[UUID, int | None, bool]]:
    """The next marks, which are gone when the transaction commits: whose, the month of what was entered, and whether it
    is history whenever it was."""
    return await _TAKE.all(transaction, most=most)


async def due(reader: Reader, today: date, most: int) -> list[UUID]:
    """Whom time alone changes, by today."""
    return await _DUE.all(reader, today=today, most=most)


async def hold(transaction: Connection, ids: Sequence[UUID]) -> list[Worth]:
    """What customers are, held until the transaction ends; of those who are none (any more) nothing."""
    await _BEGIN.execute(transaction, ids=ids)
    return await _HOLD.all(transaction, ids=ids)


async def hold_free(transaction: Connection, ids: Sequence[UUID]) -> list[Worth]:
    """The same of those whom nobody is judging at the moment; it waits for nobody."""
    return await _HOLD_FREE.all(transaction, ids=ids)


async def facts(reader: Reader, ids: Sequence[UUID], since: date, today: date, zone: str, by: By) -> list[Facts]:
    """All that says what customers are, and what they were `since` a day, as far as the policies look at it."""
    rules = by.worth.rules
    looked_at = {"invoices": rules.segments.invoices, "signal_days": rules.warnings.signal_days}
    looked_at |= {"running": Month(today.year, today.month).ordinal, "policy": by.tiers}
    return await _FACTS.all(reader, ids=ids, since=since, today=today, zone=zone, **looked_at)


async def keep(transaction: Connection, worths: Sequence[Worth]) -> None:
    """Keeps what held customers are now."""
    if worths:
        await _KEEP.execute(transaction, **_columns(_FIELDS, map(_values, worths)))


async def keep_history(
    transaction: Connection, segments: Sequence[tuple[UUID, SegmentChange]], stages: Sequence[tuple[UUID, StageMove]]
) -> None:
    """Adds to the histories of customers."""
    if segments:
        rows = ((id_, *_segment_values(change)) for id_, change in segments)
        await _KEEP_SEGMENTS.execute(transaction, **_columns(("customer_id", *_SEGMENT_FIELDS), rows))
    if stages:
        rows = ((id_, *_stage_values(move)) for id_, move in stages)
        await _KEEP_STAGES.execute(transaction, **_columns(("customer_id", *_STAGE_FIELDS), rows))


def _columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """Of a million customers, so nothing is copied on the way."""
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
