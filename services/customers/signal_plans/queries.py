"""Reads of plans that answer signals of customers whom the viewer sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.signal_plans import store
from services.customers.signal_plans.domain import SignalPlan, SignalPlanNotFound
from services.customers.signal_plans.store import FIELDS
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "id": "p.id = :id",
    "before": "p.id < :before",
    "signal_id": "p.signal_id = :signal_id",
    "customer_id": "p.customer_id = :customer_id",
    "assignee_id": "p.assignee_id = :assignee_id",
    "open": "(p.outcome IS NULL) = :open::boolean",
    "overdue": """(p.outcome IS NULL AND EXISTS (SELECT FROM signal_measure m
        WHERE m.plan_id = p.id AND m.done_at IS NULL AND m.due_on < :today)) = :overdue::boolean""",
}


@dataclass(frozen=True, slots=True)
class ReadPlan(SignalPlan):
    """A plan with the names of its customer (of a person there is none) and of who cares for it."""

    customer_name: str | None = None
    assignee_name: str | None = None


_NAMES: Final = beside(
    customer_name=name_of("customer", "p.customer_id"), assignee_name=name_of("staff", "p.assignee_id")
)


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[ReadPlan]:
    """One statement for each set of conditions, so that each has its plan."""
    return Statement(
        "SELECT {fields}, {names} FROM signal_plan p WHERE {conditions} AND {seen} ORDER BY p.id DESC LIMIT :most",
        ReadPlan,
        fields=", ".join(f"p.{name}" for name in FIELDS),
        names=_NAMES,
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("p.customer_id"),
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadPlan:
    """Raises SignalPlanNotFound, also where the viewer does not see the customer."""
    found = await page(context, {"id": id_}, None, 1, viewer=viewer)
    if not found:
        raise SignalPlanNotFound("no plan has this id")
    return found[0]


async def written(context: Context, id_: UUID) -> ReadPlan:
    """One that was written just now."""
    [found] = await page(context, {"id": id_}, None, 1, viewer=None)
    return found


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadPlan]:
    """Plans, the latest first; `narrowed` are signal_id, customer_id, assignee_id, open, overdue."""
    given = {name: value for name, value in {**narrowed, "before": before}.items() if value is not None}
    values = {**given, "today": context.today()} if "overdue" in given else given
    found = await _page(frozenset(given)).all(context.database, **values, viewer=viewer, most=most)
    return await store.with_measures(context.database, found)
