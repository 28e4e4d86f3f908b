"""Plans in the database, each with its measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.heads.store.visibility import sees
from services.customers.signal_plans.domain import Measure, SignalPlan
from services.customers.signal_plans.tables import SignalMeasureRow, SignalPlanRow
from shared.db import Connection
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_one,
    table,
    upsert_many,
)

P = TypeVar("P", bound=SignalPlan)

FIELDS: Final = tuple(field.name for field in fields(SignalPlan) if field.name != "measures")
_MEASURE: Final = tuple(field.name for field in fields(Measure))
PLANS: Final = select(*(table(SignalPlanRow).c[name] for name in FIELDS))
_ADD: Final = Statement(insert_one(SignalPlanRow, *FIELDS).on_conflict_do_nothing().returning(col(SignalPlanRow.id)))
_SAVE: Final = Statement(upsert_many(SignalPlanRow, *FIELDS))
_KEEP: Final = Statement(upsert_many(SignalMeasureRow, *_MEASURE))
_LOCKED: Final = Statement(PLANS.where(col(SignalPlanRow.id) == given("id")).with_for_update(), SignalPlan)
_PLANNED_FOR: Final = Scalar(
    "SELECT p.customer_id FROM signal_plan p WHERE p.id = :id AND {seen}", UUID, seen=sees("p.customer_id")
)
_MEASURES: Final = Statement(
    select(*(table(SignalMeasureRow).c[name] for name in _MEASURE))
    .where(col(SignalMeasureRow.plan_id) == any_given("ids", Uuid))
    .order_by(col(SignalMeasureRow.due_on), col(SignalMeasureRow.id)),
    Measure,
)
_CUSTOMER_OF: Final = Scalar(
    "SELECT s.customer_id FROM signal s WHERE s.id = :id AND {seen}", UUID, seen=sees("s.customer_id")
)
_STANDS: Final = Scalar("SELECT ended_at IS NULL FROM signal WHERE id = :id AND customer_id = :customer_id", bool)


async def customer_of(reader: Reader, signal_id: UUID, *, viewer: UUID | None) -> UUID | None:
    """Whose signal it is; None where there is none, or the viewer does not see the customer."""
    return await _CUSTOMER_OF.one(reader, id=signal_id, viewer=viewer)


async def stands(reader: Reader, signal_id: UUID, customer_id: UUID) -> bool:
    """Whether a held customer still gives that signal."""
    return bool(await _STANDS.one(reader, id=signal_id, customer_id=customer_id))


async def add(transaction: Connection, plan: SignalPlan) -> bool:
    """Adds a plan with its measures; False where one is open."""
    if await _ADD.one(transaction, **_row(plan)) is None:
        return False
    await _keep(transaction, plan.measures)
    return True


async def save(transaction: Connection, plan: SignalPlan) -> None:
    """Writes a held plan as it stands, with its measures."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in _row(plan).items()})
    await _keep(transaction, plan.measures)


async def planned_for(reader: Reader, id_: UUID, *, viewer: UUID | None) -> UUID | None:
    """For whom a plan is; None where there is none, or the viewer does not see the customer."""
    return await _PLANNED_FOR.one(reader, id=id_, viewer=viewer)


async def locked(transaction: Connection, id_: UUID) -> SignalPlan | None:
    """A plan of a held customer, held until the transaction ends."""
    found = await _LOCKED.one(transaction, id=id_)
    return None if found is None else (await with_measures(transaction, [found]))[0]


async def with_measures(reader: Reader, plans: Iterable[P]) -> list[P]:
    """Plans with their measures."""
    each = list(plans)
    found: dict[UUID, list[Measure]] = {}
    for measure in await _MEASURES.all(reader, ids=[plan.id for plan in each]):
        found.setdefault(measure.plan_id, []).append(measure)
    return [replace(plan, measures=found.get(plan.id, ())) for plan in each]


async def _keep(transaction: Connection, measures: Sequence[Measure]) -> None:
    if measures:
        await _KEEP.execute(transaction, **by_column([asdict(each) for each in measures]))


def _row(plan: SignalPlan) -> Mapping[str, Any]:
    return {name: getattr(plan, name) for name in FIELDS}
