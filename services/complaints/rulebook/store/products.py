"""Who answers for which product: every version stays, the latest of a product holds."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from services.complaints.rulebook.domain.products import ProductOwner
from services.complaints.rulebook.domain.products import latest as latest_of
from services.complaints.rulebook.tables import ProductOwnerRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, insert_one, table

_PRODUCT = func.lower(col(ProductOwnerRow.product))
_LATEST = Statement(
    select(*(table(ProductOwnerRow).c[name] for name in ("version", "product", "staff_id", "starts_at")))
    .ext(distinct_on(_PRODUCT))
    .order_by(_PRODUCT.nulls_first(), col(ProductOwnerRow.version).desc()),
    ProductOwner,
)
_LATEST_VERSION = Scalar(select(func.coalesce(func.max(col(ProductOwnerRow.version)), 0)), int)
_ADD = Statement(insert_one(ProductOwnerRow, "version", "product", "staff_id", "starts_at", "created_by"))


async def latest(reader: Reader) -> list[ProductOwner]:
    """The version of each product that holds, by its name; the one for any other first."""
    return latest_of(await _LATEST.all(reader))


async def add(
    transaction: Connection, product: str | None, staff_id: UUID | None, now: datetime, by: UUID
) -> ProductOwner:
    """Adds the next version; the lock of the revision is held."""
    added = ProductOwner(await _LATEST_VERSION.only(transaction) + 1, product, staff_id, now)
    await _ADD.execute(transaction, **asdict(added), created_by=by)
    return added
