"""The table that holds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.care.aftercare.domain import AftercarePolicy, Errand
from services.care.aftercare.tables import AftercarePolicyRow
from shared.statement import Reader, Statement, table


def _policy(*, errands: Sequence[dict[str, Any]], **same: Any) -> AftercarePolicy:
    return AftercarePolicy(errands=[Errand(**each) for each in errands], **same)


_PRESENT = Statement(
    select(*table(AftercarePolicyRow).c).order_by(col(AftercarePolicyRow.version).desc()).limit(1), _policy
)


async def present(reader: Reader) -> AftercarePolicy:
    """The version that holds now."""
    found = await _PRESENT.one(reader)
    if found is None:
        raise LookupError("the migration seeds the first table")
    return found
