"""Reads of dismissals without a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.dismissals.domain import Dismissal, DismissalNotFound
from services.customers.dismissals.store import FIELDS
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "id": "d.id = :id",
    "before": "d.id < :before",
    "customer_id": "d.customer_id = :customer_id",
    "means": "d.means = :means",
    "standing": "(d.withdrawn_at IS NULL) = :standing::boolean",
}


@dataclass(frozen=True, slots=True)
class ReadDismissal(Dismissal):
    """A dismissal with the name of its customer; of a person there is none."""

    customer_name: str | None = None


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[ReadDismissal]:
    """One statement for each set of conditions, so that each has its plan."""
    return Statement(
        "SELECT {fields}, {names} FROM dismissal d WHERE {conditions} AND {seen} ORDER BY d.id DESC LIMIT :most",
        ReadDismissal,
        fields=", ".join(f"d.{name}" for name in FIELDS),
        names=beside(customer_name=name_of("customer", "d.customer_id")),
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("d.customer_id"),
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadDismissal:
    """Raises DismissalNotFound, also where the viewer does not see the customer."""
    found = await page(context, {"id": id_}, None, 1, viewer=viewer)
    if not found:
        raise DismissalNotFound("no dismissal has this id")
    return found[0]


async def written(context: Context, id_: UUID) -> ReadDismissal:
    """One that was written just now."""
    [found] = await page(context, {"id": id_}, None, 1, viewer=None)
    return found


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadDismissal]:
    """Dismissals, the latest first; `narrowed` are customer_id, means, standing."""
    given_ = {name: value for name, value in {**narrowed, "before": before}.items() if value is not None}
    return await _page(frozenset(given_)).all(context.database, **given_, viewer=viewer, most=most)
