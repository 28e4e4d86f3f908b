"""What is kept of purchases in the database: every event adds what it changes."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func
from sqlmodel import col

from services.complaints.purchases.domain import BoughtBatch, MonthSum
from services.complaints.purchases.tables import BoughtBatchRow, PurchaseMonthRow
from shared.db import Connection
from shared.statement import Statement, by_column, excluded, upsert_many

_NEW_SUM = excluded(PurchaseMonthRow)
_ADD_SUMS = Statement(
    upsert_many(
        PurchaseMonthRow,
        "customer_id",
        "month",
        "amount",
        "purchases",
        key=["customer_id", "month"],
        keep={
            "amount": col(PurchaseMonthRow.amount) + _NEW_SUM.amount,
            "purchases": col(PurchaseMonthRow.purchases) + _NEW_SUM.purchases,
        },
    )
)
_NEW = excluded(BoughtBatchRow)
_ADD_BATCHES = Statement(
    upsert_many(
        BoughtBatchRow,
        "purchase_id",
        "product_key",
        "batch_key",
        "customer_id",
        "bought_at",
        "quantity",
        key=["purchase_id", "product_key", "batch_key"],
        keep={
            "customer_id": col(BoughtBatchRow.customer_id),
            "bought_at": func.least(col(BoughtBatchRow.bought_at), _NEW.bought_at),
            "quantity": col(BoughtBatchRow.quantity) + _NEW.quantity,
        },
    )
)


async def add_sums(transaction: Connection, sums: Sequence[MonthSum]) -> None:
    """Adds what changes to the sums of months."""
    if sums:
        await _ADD_SUMS.execute(transaction, **by_column(asdict(each) for each in sums))


async def add_batches(transaction: Connection, bought: Sequence[BoughtBatch]) -> None:
    """Adds what changes to what purchases brought of batches."""
    if bought:
        await _ADD_BATCHES.execute(transaction, **by_column(asdict(each) for each in bought))
