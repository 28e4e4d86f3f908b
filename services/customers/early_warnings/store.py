"""Keeping warnings, and what happened to customers: a statement each for many of them."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from services.customers.early_warnings.domain.warnings import Warned
from services.customers.early_warnings.tables import ChurnSignalRow, EarlyWarningRow
from shared.db import Connection
from shared.statement import Statement, by_column, upsert_many

SIGNALS: Final = """
    SELECT ROW(g.code, (g.at AT TIME ZONE :zone)::date, g.share) FROM churn_signal g
    WHERE g.customer_id = {customer} AND g.at > :since::date - :signal_days::integer - 2
        AND (g.code <> 'overdue' OR NOT EXISTS (
            SELECT FROM customer_case k WHERE k.complaint_id = g.ref AND k.unfounded))
    """
"""What happened to `{customer}` shortly before `:since` and after; two days more than are looked at, since the
company's days are not UTC's. That the answer was late counts for nothing in a case that was judged not valid, or
malicious."""
FIELDS: Final = (*(field.name for field in fields(Warned)), "tie")
_HOLD: Final = Statement(
    """
    SELECT {fields} FROM early_warning WHERE customer_id = ANY (:ids::uuid[]) AND ended_at IS NULL
    ORDER BY customer_id FOR UPDATE
    """,
    Warned.kept,
    fields=", ".join(FIELDS),
)
_KEEP: Final = Statement(upsert_many(EarlyWarningRow, *FIELDS))
_SIGNAL_FIELDS: Final = ("id", "customer_id", "code", "ref", "round", "at", "share")
_KEEP_SIGNALS: Final = Statement(
    upsert_many(ChurnSignalRow, *_SIGNAL_FIELDS, key=("code", "ref", "round"), keep={"id": ChurnSignalRow.id})
)
_TAKE_BACK: Final = Statement("DELETE FROM churn_signal WHERE code = :code AND ref = ANY (:refs::uuid[])")
_LOOK_AGAIN: Final = Statement(
    "UPDATE churn_signal SET code = code WHERE code = 'overdue' AND ref = ANY (:refs::uuid[])"
)
"""By hand: for its trigger, which marks the customers."""
_MOVE: Final = Statement(
    """
    UPDATE churn_signal s SET customer_id = t.customer_id
    FROM unnest(:complaint_id::uuid[], :customer_id::uuid[]) AS t(complaint_id, customer_id)
    WHERE s.ref = t.complaint_id AND s.customer_id <> t.customer_id
    """
)


async def hold(transaction: Connection, ids: Sequence[UUID]) -> dict[UUID, Warned]:
    """Open warnings of customers whose worth is held, by customer."""
    return {each.customer_id: each for each in await _HOLD.all(transaction, ids=ids)}


async def keep(transaction: Connection, warned: Sequence[Warned]) -> None:
    if warned:
        await _KEEP.execute(transaction, **by_column([_row(each) for each in warned]))


def _row(warned: Warned) -> dict[str, Any]:
    row = {name: getattr(warned, name) for name in FIELDS}
    return row | {"reasons": {each.code: each.plain() for each in warned.reasons}, "tie": warned.tie()}


async def keep_signals(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keeps what happened, as it was told last; at least one."""
    await _KEEP_SIGNALS.execute(transaction, **by_column(rows))


async def take_back(transaction: Connection, code: str, refs: Sequence[UUID]) -> None:
    """It did not happen after all."""
    await _TAKE_BACK.execute(transaction, code=code, refs=refs)


async def look_again(transaction: Connection, cases: Sequence[UUID]) -> None:
    """Cases were judged: whose late answers they are is judged anew."""
    await _LOOK_AGAIN.execute(transaction, refs=cases)


async def move(transaction: Connection, cases: Sequence[tuple[UUID, UUID]]) -> None:
    """Cases are other customers': (case, customer)."""
    await _MOVE.execute(
        transaction, complaint_id=[case for case, _ in cases], customer_id=[customer for _, customer in cases]
    )
