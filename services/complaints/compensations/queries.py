"""Reading what is given in cases, and what waits for somebody's word."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid
from sqlmodel import col

from services.complaints.cases.queries import require_seen
from services.complaints.compensations import store
from services.complaints.compensations.domain import Compensation, CompensationState
from services.complaints.compensations.tables import CompensationRow
from services.complaints.context import Context
from services.complaints.history.tables import EntryRow
from shared import directory
from shared.statement import Reader, Statement, any_given, given

BELOW_EVERY_ID: Final = UUID(int=0)

_OF_CASE = Statement(
    store.ALL.add_columns(col(EntryRow.words))
    .join_from(CompensationRow, EntryRow, col(EntryRow.id) == col(CompensationRow.entry_id))
    .where(col(CompensationRow.complaint_id) == given("complaint_id"))
    .order_by(col(CompensationRow.id))
)
_WAITING = Statement(
    store.ALL.add_columns(col(EntryRow.words))
    .join_from(CompensationRow, EntryRow, col(EntryRow.id) == col(CompensationRow.entry_id))
    .where(
        col(CompensationRow.state) == CompensationState.AWAITS_APPROVAL.value,
        col(CompensationRow.id) > given("after"),
    )
    .order_by(col(CompensationRow.id))
    .limit(given("most"))
)
_ONE = Statement(
    store.ALL.add_columns(col(EntryRow.words))
    .join_from(CompensationRow, EntryRow, col(EntryRow.id) == col(CompensationRow.entry_id))
    .where(col(CompensationRow.id) == any_given("ids", Uuid))
)


@dataclass(frozen=True, slots=True)
class ReadCompensation:
    """Something given as it is read: what it is, and the names of those who are asked to approve it."""

    compensation: Compensation
    text: str | None
    by: dict[UUID, str]


async def list_of_case(context: Context, case_id: UUID, *, viewer: UUID | None) -> list[ReadCompensation]:
    """What is given in a case, in the order in which it was asked for. Raises ComplaintNotFound."""
    await require_seen(context, case_id, viewer=viewer)
    return await _read(context, await _OF_CASE.all(context.database, complaint_id=case_id))


async def list_waiting(context: Context, after: UUID | None, most: int) -> list[ReadCompensation]:
    """What awaits approval in all cases, the longest waiting first."""
    return await _read(context, await _WAITING.all(context.database, after=after or BELOW_EVERY_ID, most=most))


async def read(context: Context, id_: UUID) -> ReadCompensation:
    """One that is there."""
    [found] = await _read(context, await _ONE.all(context.database, ids=[id_]))
    return found


async def _read(context: Context, rows: list[Any]) -> list[ReadCompensation]:
    found = [_unsealed(context, **row) for row in rows]
    asked = {id_ for each, _ in found for id_ in each.by_ids or ()}
    names = await _names(context.database, asked) if asked else {}
    return [ReadCompensation(each, text, {id_: names[id_] for id_ in each.by_ids or ()}) for each, text in found]


def _unsealed(context: Context, *, words: bytes | None, **fields: Any) -> tuple[Compensation, str | None]:
    compensation = store.compensation(**fields)
    text = context.words.open(words, compensation.entry_id.bytes).decode() if words is not None else None
    return compensation, text


async def _names(reader: Reader, ids: set[UUID]) -> dict[UUID, str]:
    return {id_: member.name for id_, member in (await directory.staff(reader, list(ids))).items()}
