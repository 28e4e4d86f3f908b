"""Reading what ties customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.ties.domain import Tie, TieNotFound
from services.customers.ties.store import ALL, EVER, FIELDS, HOLDING
from shared.ids import FROM_THE_END
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "ends_before": "x.ends_on < :ends_before::date",
    "kind": "x.kind = :kind",
    "customer_id": "x.customer_id = :customer_id",
    "standing": "(x.ended_at IS NULL AND (x.ends_on IS NULL OR x.ends_on > :today::date)) = :standing::boolean",
}
"""What a list may be narrowed by."""


@dataclass(frozen=True, slots=True)
class ReadTie(Tie):
    """What ties a customer, with its name; of a person there is none."""

    customer_name: str | None = None


_COLUMNS: Final = ", ".join(f"x.{name}" for name in FIELDS)
_NAMES: Final = beside(customer_name=name_of("customer", "x.customer_id"))
_ONE: Final = Statement(
    "SELECT {columns}, {names} FROM ({ties}) x WHERE x.id = :id AND {seen}",
    ReadTie,
    columns=_COLUMNS,
    names=_NAMES,
    ties=EVER,
    seen=sees("x.customer_id"),
)
_OF_CUSTOMER: Final = Statement(
    """
    SELECT {columns}, {names} FROM ({ties}) x WHERE x.customer_id = :customer_id AND x.id < :before
    ORDER BY x.id DESC LIMIT :most
    """,
    ReadTie,
    columns=_COLUMNS,
    names=_NAMES,
    ties=ALL,
)
"""By hand, as all of them: what was entered and what ties by itself, in one list."""


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[ReadTie]:
    """One statement for each set of conditions, so that each has its plan."""
    return Statement(
        "SELECT {columns}, {names} FROM ({ties}) x WHERE x.id < :before AND {conditions} AND {seen}"
        " ORDER BY x.id DESC LIMIT :most",
        ReadTie,
        columns=_COLUMNS,
        names=_NAMES,
        ties=EVER if "standing" in narrowed_by else HOLDING,
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("x.customer_id"),
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadTie:
    """One that was entered, or that a contract or an agreement is or was.

    Raises TieNotFound, also where the viewer does not see the customer.
    """
    found = await _ONE.one(context.database, id=id_, today=context.today(), viewer=viewer)
    if found is None:
        raise TieNotFound("no tie has this id")
    return found


async def written(context: Context, id_: UUID) -> ReadTie:
    """One that was written just now."""
    [found] = await _ONE.all(context.database, id=id_, today=context.today(), viewer=None)
    return found


async def of_customer(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadTie]:
    """What ties a customer, with what was entered and ties it no more, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _OF_CUSTOMER.all(
        context.database,
        customer_id=customer_id,
        today=context.today(),
        before=before or FROM_THE_END,
        most=most,
    )


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadTie]:
    """What ties customers today, the latest first; `narrowed` are ends_before, kind, customer_id, standing."""
    given_ = {name: value for name, value in narrowed.items() if value is not None}
    return await _page(frozenset(given_)).all(
        context.database, **given_, today=context.today(), before=before or FROM_THE_END, most=most, viewer=viewer
    )
