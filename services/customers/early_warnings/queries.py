"""Reads of warnings."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.early_warnings.domain.warnings import ReadWarning
from services.customers.early_warnings.store import FIELDS
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees, served
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "before": "w.id < :before",
    "customer_id": "w.customer_id = :customer_id",
    "open": "(w.ended_at IS NULL) = :open::boolean",
    "standing": "(w.ended_at IS NULL) = :standing::boolean",
    "tier": "w.customer_id IN (SELECT c.id FROM customer c WHERE c.tier = :tier)",
    "served_by": served("w.customer_id"),
}


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[ReadWarning]:
    """One statement for each set of conditions, so that each has its plan."""
    return Statement(
        "SELECT {fields}, {names} FROM early_warning w WHERE {conditions} AND {seen} ORDER BY w.id DESC LIMIT :most",
        ReadWarning.kept,
        fields=", ".join(f"w.{name}" for name in FIELDS),
        names=beside(customer_name=name_of("customer", "w.customer_id")),
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("w.customer_id"),
    )


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadWarning]:
    """Warnings, the latest first; `narrowed` are open, standing, tier, served_by."""
    given_ = {name: value for name, value in {**narrowed, "before": before}.items() if value is not None}
    return await _page(frozenset(given_)).all(context.database, **given_, viewer=viewer, most=most)


async def of_customer(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadWarning]:
    """A customer's, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await page(context, {"customer_id": customer_id}, before, most, viewer=viewer)
