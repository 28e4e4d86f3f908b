"""Purchases in the database."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import literal_column, select, update
from sqlmodel import col

from services.customers.heads.store.caller import CALLER
from services.customers.heads.store.names import name_of
from services.customers.heads.store.visibility import visible
from services.customers.organisation.tables import BrandRow
from services.customers.purchases.domain import SHOWN, NewPurchase, Purchase, ReturnAsked, Reversal
from services.customers.purchases.store.consequences import undo_consequences
from services.customers.purchases.store.lines import OF_THE_ENTRY
from services.customers.purchases.tables import PurchaseRow, ReversalRow
from services.customers.tiers.store.months import MARK_STALE
from shared.bus.sql_events import SqlEvent
from shared.contracts.customers import PurchaseRecorded
from shared.db import Connection
from shared.months import Month
from shared.nested import Nested
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, table, with_parts
from shared.telemetry import current_traceparent


def consequences(historical: str, whose: str = "customer_id", **told: str) -> str:
    """Common tables for what follows from the purchases in `fresh`: sums, stale months, first months, events.

    The statement says when (`:at`) and with what trace (`:traceparent`); `historical` is SQL, and so is whatever else
    is `told` of a purchase. `whose` says under which customer it is told.
    """
    recorded = SqlEvent(
        contract=PurchaseRecorded,
        fields={
            "customer_id": whose,
            "purchase_id": "id",
            "brand_id": "brand_id",
            "amount": "amount",
            "occurred_at": "occurred_at",
            "external_no": "external_no",
            **told,
        },
        aggregate_id="id",
        version="1",
        key=whose,
        at=":at",
        historical=historical,
    )
    return with_parts(
        """totals AS (
        INSERT INTO month_total AS m (customer_id, month, grade, amount)
        SELECT customer_id, month, grade, sum(amount) FROM fresh GROUP BY customer_id, month, grade
        ON CONFLICT (customer_id, month, grade) DO UPDATE SET amount = m.amount + EXCLUDED.amount
    ), span AS (
        SELECT f.month, max(c.counts_from) AS counts_from, max(c.first_purchase) AS first_purchase
        FROM fresh f JOIN customer c ON c.id = f.customer_id GROUP BY f.month
    ), stale AS (
        {mark_stale}
    ), firsts AS (
        UPDATE customer c SET first_purchase = f.month, counts_from = least(c.counts_from, f.month)
        FROM (SELECT customer_id, min(month) AS month FROM fresh GROUP BY customer_id) f
        WHERE c.id = f.customer_id AND (c.first_purchase IS NULL OR c.first_purchase > f.month)
    ), told AS (
        {append}
    )""",
        mark_stale=MARK_STALE,
        append=recorded.append_from("fresh"),
    )


_RECORD = Scalar(
    """
    WITH fresh AS (
        INSERT INTO purchase (id, version, customer_id, brand_id, grade, amount, returned, occurred_at, month,
                              external_no, identity, order_no, receipt_no)
        VALUES (:id, 1, :customer_id, :brand_id, :grade, :amount, 0, :occurred_at, :month, :external_no, :identity,
                :order_no, :receipt_no)
        ON CONFLICT (identity) DO NOTHING
        RETURNING id, customer_id, brand_id, grade, amount, occurred_at, month, external_no
    ), {consequences}
    SELECT true FROM fresh
    """,
    bool,
    consequences=consequences("false", ":told_as::uuid", lines=":lines"),
)
"""By hand: what follows from a purchase in the same round trip, as an import does it for thousands."""
_RETURN = Scalar(
    """
    WITH returned AS (
        UPDATE purchase SET returned = returned + :amount, version = version + 1 WHERE id = :purchase_id
        RETURNING version, customer_id, brand_id, grade, month, order_no
    ), kept AS (
        INSERT INTO purchase (id, version, customer_id, brand_id, grade, amount, returned, occurred_at, month,
                              external_no, returns_id, identity, order_no, receipt_no)
        SELECT :id, 1, customer_id, brand_id, grade, -:amount::numeric, 0, :occurred_at, month,
               :external_no, :purchase_id, :identity, order_no, :receipt_no FROM returned
    ), total AS (
        UPDATE month_total m SET amount = m.amount - :amount FROM returned r
        WHERE m.customer_id = r.customer_id AND m.month = r.month AND m.grade = r.grade
    ), span AS (
        SELECT month, month AS counts_from, NULL::integer AS first_purchase FROM returned
    ), stale AS (
        {mark_stale}
    )
    SELECT version FROM returned
    """,
    int,
    mark_stale=MARK_STALE,
)
"""By hand: the return, and what it takes from purchase and month, in one round trip."""
_REVERSE = Scalar(
    """
    WITH undone AS (
        UPDATE purchase SET version = version + 1, reversed_at = :at,
                            identity = CASE WHEN external_no IS NULL THEN identity ELSE uuid_send(id) END
        WHERE id = :purchase_id
        RETURNING version, customer_id, grade, month, amount, returns_id
    ), kept AS (
        INSERT INTO purchase_reversal (purchase_id, reversed_at, reversed_by, words)
        VALUES (:purchase_id, :at, :by, :words)
    ), back AS (
        UPDATE purchase p SET returned = p.returned + u.amount, version = p.version + 1
        FROM undone u WHERE p.id = u.returns_id RETURNING p.version
    ), total AS (
        UPDATE month_total m SET amount = m.amount - u.amount FROM undone u
        WHERE m.customer_id = u.customer_id AND m.month = u.month AND m.grade = u.grade
    )
    SELECT coalesce((SELECT version FROM back), (SELECT version FROM undone))
    """,
    int,
)
"""By hand: the entry, what it returned, and its month's total in one round trip. An entry without a number keeps its
identity, so that a file with its row brings it not back; a number is free for the right entry."""
_REVERSAL = Statement(select(*table(ReversalRow).c).where(col(ReversalRow.purchase_id) == given("id")))
_REPLACE = Statement(
    update(ReversalRow).values(replaced_by=given("replaced_by")).where(col(ReversalRow.purchase_id) == given("id"))
)


def purchase_of(month: int, **others: Any) -> Purchase:
    """The purchase in a row of PURCHASES."""
    return Purchase(month=Month.at(month), **others)


_BESIDE = ("lines", "brand_name")
PURCHASES = select(*(table(PurchaseRow).c[field.name] for field in fields(Purchase) if field.name not in _BESIDE))
SHOWN_PURCHASES = PURCHASES.add_columns(literal_column(name_of("brand", "purchase.brand_id")).label("brand_name"))
"""The same with the names of brands."""


def _with_lines(month: int, lines: Sequence[Sequence[Any]], **others: Any) -> Purchase:
    return Purchase(month=Month.at(month), lines=tuple(OF_THE_ENTRY.all(lines)), **others)


LAST = Nested(
    SHOWN_PURCHASES.add_columns(literal_column(OF_THE_ENTRY.sql).label("lines"))
    .where(col(PurchaseRow.customer_id) == CALLER, col(PurchaseRow.reversed_at).is_(None))
    .order_by(col(PurchaseRow.occurred_at).desc(), col(PurchaseRow.id).desc())
    .limit(SHOWN),
    _with_lines,
)
"""What the caller bought and returned last, the newest first, with its lines."""
_BY_ID = Statement(
    SHOWN_PURCHASES.where(col(PurchaseRow.id) == given("id"), visible("purchase.customer_id")), purchase_of
)
_LOCKED = Statement(PURCHASES.where(col(PurchaseRow.id) == given("id")).with_for_update(key_share=True), purchase_of)
_BY_IDENTITY = Statement(PURCHASES.where(col(PurchaseRow.identity) == given("identity")), purchase_of)
_GRADE = Scalar(select(col(BrandRow.grade)).where(col(BrandRow.id) == given("id")), str)


async def record(transaction: Connection, new: NewPurchase, told: str, at: datetime, told_as: UUID) -> bool:
    """Records a purchase with its month's total, first month and event; False when its identity stands already.

    The caller holds the locks (`heads/store/locks.py`), and knows that customer and brand exist. `told` is the JSON of
    what the event says of its lines, which `lines.add` keeps; `told_as` is the customer under whom it is told.
    """
    recorded = await _RECORD.one(
        transaction, **_row(new), lines=told, at=at, told_as=told_as, traceparent=current_traceparent()
    )
    return recorded is not None


def _row(new: NewPurchase) -> dict[str, object]:
    return {
        "id": new.id,
        "customer_id": new.customer_id,
        "brand_id": new.brand_id,
        "grade": new.grade,
        "amount": new.amount,
        "occurred_at": new.occurred_at,
        "month": new.month.ordinal,
        "external_no": new.external_no,
        "identity": new.identity,
        "order_no": new.order_no,
        "receipt_no": new.receipt_no,
    }


async def record_return(
    transaction: Connection, purchase_id: UUID, return_id: UUID, asked: ReturnAsked, identity: bytes, at: datetime
) -> int:
    """Records a dated return of a purchase whose row is locked; returns the purchase's new version."""
    return await _RETURN.only(
        transaction,
        id=return_id,
        purchase_id=purchase_id,
        identity=identity,
        amount=asked.amount,
        occurred_at=asked.occurred_at,
        external_no=asked.external_no,
        receipt_no=asked.receipt_no,
        at=at,
    )


async def reverse(transaction: Connection, entry: Purchase, reversal: Reversal, vault: Vault, zone: ZoneInfo) -> int:
    """Undoes a locked entry of a locked customer, and what followed from it; returns its purchase's new version."""
    version = await _REVERSE.only(
        transaction,
        purchase_id=entry.id,
        at=reversal.reversed_at,
        by=reversal.reversed_by,
        words=vault.seal(reversal.reason.encode(), entry.id.bytes),
    )
    await undo_consequences(transaction, [entry.id], zone, reversal.reversed_at)
    return version


async def reversal(reader: Reader, purchase_id: UUID, vault: Vault) -> Reversal | None:
    """Who undid an entry, when and why."""
    row = await _REVERSAL.one(reader, id=purchase_id)
    if row is None:
        return None
    reason = vault.open(row["words"], purchase_id.bytes).decode()
    return Reversal(purchase_id, reason, row["reversed_at"], row["reversed_by"], row["replaced_by"])


async def replace_reversed(transaction: Connection, purchase_id: UUID, by: UUID) -> None:
    """Says what was entered in the place of an entry that has just been undone."""
    await _REPLACE.execute(transaction, id=purchase_id, replaced_by=by)


async def purchase(reader: Reader, id_: UUID, *, viewer: UUID | None) -> Purchase | None:
    """None also for a purchase of a customer whom the viewer does not see."""
    return await _BY_ID.one(reader, id=id_, viewer=viewer)


async def locked(transaction: Connection, id_: UUID) -> Purchase:
    """A purchase that is there; none is ever deleted."""
    [found] = await _LOCKED.all(transaction, id=id_)
    return found


async def by_identity(reader: Reader, identity: bytes) -> Purchase | None:
    return await _BY_IDENTITY.one(reader, identity=identity)


async def grade_of(reader: Reader, brand_id: UUID) -> str | None:
    return await _GRADE.one(reader, id=brand_id)
