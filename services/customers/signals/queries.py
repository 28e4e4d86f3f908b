"""Reads of signals of customers whom the viewer sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.potentials.store import amount_of
from services.customers.signals import store
from services.customers.signals.domain import Signal, SignalNotFound, SignalPolicy
from services.customers.signals.store import FIELDS, reasons_of
from services.customers.worth_policies import queries as worth_policies
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "id": "s.id = :id",
    "before": "s.id < :before",
    "below": "(coalesce(y.potential, -1), s.id) < (:below, :before_id)",
    "kind": "s.kind = :kind",
    "tier": "s.tier = :tier",
    "customer_id": "s.customer_id = :customer_id",
    "standing": "(s.ended_at IS NULL) = :standing::boolean",
    "region_id": """EXISTS (SELECT FROM archive a WHERE a.customer_id = s.customer_id AND a.region_id = ANY (ARRAY(
        SELECT r.id FROM region r JOIN region o ON r.lowest >= o.lowest AND r.highest <= o.highest
        WHERE o.id = :region_id)))""",
    "staff_id": """EXISTS (SELECT FROM account_team m
        WHERE m.customer_id = s.customer_id AND m.staff_id = :staff_id)""",
}


@dataclass(frozen=True, slots=True)
class ReadSignal(Signal):
    """A signal with the name of its customer; of a person there is none."""

    customer_name: str | None = None


def _read(reasons: Sequence[Mapping[str, Any]], **same: Any) -> ReadSignal:
    return ReadSignal(reasons=reasons_of(reasons), **same)


UNSAID: Final = Decimal(-1)
"""Stands behind every potential that was said."""


@cache
def _page(narrowed_by: frozenset[str], order: str) -> Statement[ReadSignal]:
    """One statement for each set of conditions and each order, so that each has its plan."""
    return Statement(
        """
        SELECT {fields}, y.potential, {names} FROM signal s CROSS JOIN LATERAL (SELECT {potential} AS potential) y
        WHERE {conditions} AND {seen} ORDER BY {order} LIMIT :most
        """,
        _read,
        fields=", ".join(f"s.{name}" for name in FIELDS),
        potential=amount_of("s.customer_id"),
        names=beside(customer_name=name_of("customer", "s.customer_id")),
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("s.customer_id"),
        order=order,
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadSignal:
    """Raises SignalNotFound, also where the viewer does not see the customer."""
    found = await page(context, {"id": id_}, None, 1, viewer=viewer)
    if not found:
        raise SignalNotFound("no signal has this id")
    return found[0]


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadSignal]:
    """Signals, the latest first; `narrowed` are kind, tier, customer_id, standing, region_id, staff_id."""
    given = {name: value for name, value in {**narrowed, "before": before}.items() if value is not None}
    return await _page(frozenset(given), "s.id DESC").all(context.database, **given, viewer=viewer, most=most)


async def by_potential(
    context: Context,
    narrowed: Mapping[str, Any],
    after: tuple[Decimal, UUID] | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[ReadSignal]:
    """The same by what the customers could buy, the most first; `after` is a potential (or UNSAID) and an id."""
    given = {name: value for name, value in narrowed.items() if value is not None}
    statement = _page(frozenset(given) | ({"below"} if after else set()), "coalesce(y.potential, -1) DESC, s.id DESC")
    place = {"below": after[0], "before_id": after[1]} if after else {}
    return await statement.all(context.database, **given, **place, viewer=viewer, most=most)


async def policy(context: Context) -> SignalPolicy:
    """The version that holds now."""
    return await store.policy(context.database)


async def policy_versions(context: Context, after: int | None, most: int) -> list[SignalPolicy]:
    """Every version, oldest first."""
    return await worth_policies.every(context, store.POLICIES, after, most)


async def policy_version(context: Context, number: int) -> SignalPolicy:
    """One version. Raises PolicyVersionNotFound."""
    return await worth_policies.numbered(context, store.POLICIES, number)
