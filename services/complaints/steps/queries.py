"""Reading the steps of a case."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.domain import Case, CaseState, ComplaintNotFound
from services.complaints.cases.queries import read_case
from services.complaints.cases.store.holding import find
from services.complaints.context import Context
from services.complaints.history.tables import EntryRow
from services.complaints.solutions.domain import SolutionState, refused
from services.complaints.solutions.store import standing
from services.complaints.step_roles.queries import may_do
from services.complaints.steps import store
from services.complaints.steps.domain import DoneStep, ReadStep, StepAhead, ahead, needs_steps
from services.complaints.steps.tables import StepRow
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Statement, given, table

_OF_A_STEP = ("round", "step", "owner_id", "done_at", "policy_version", "entry_id")
_STEPS = Statement(
    select(*(table(StepRow).c[name] for name in _OF_A_STEP), col(EntryRow.entered_by), col(EntryRow.words))
    .join_from(StepRow, EntryRow, col(EntryRow.id) == col(StepRow.entry_id))
    .where(col(StepRow.complaint_id) == given("case_id"))
    .order_by(col(StepRow.round), col(StepRow.done_at), col(StepRow.entry_id))
)


async def list_steps(context: Context, case_id: UUID, caller: Principal) -> list[ReadStep]:
    """The steps that are done, by round. Raises ComplaintNotFound where the case is not the caller's to see."""
    await read_case(context, case_id, viewer=viewer(caller))
    return [_unsealed(context.words, **row) for row in await _STEPS.all(context.database, case_id=case_id)]


async def list_ahead(context: Context, case_id: UUID, caller: Principal) -> list[StepAhead]:
    """What is still to be done in the present round, in order; nothing of a case that is closed.

    Raises ComplaintNotFound where the case is not the caller's to see.
    """
    await read_case(context, case_id, viewer=viewer(caller))
    async with context.database.connection() as reader:
        case = await find(reader, case_id)
        if case is None:
            raise ComplaintNotFound("no complaint has this id")
        if case.state is CaseState.CLOSED:
            return []
        steps = ahead(await done_of(reader, case))
        solution = await standing(reader, case)
        waits = solution is not None and solution.state is SolutionState.AWAITS_APPROVAL
        found = await may_do(reader, case, steps, caller, context.clock.now())
    return [
        StepAhead(step, doers, may, needs_steps(case), awaits_approval=waits and step == "execute")
        for step, (_, doers, may) in zip(steps, found, strict=True)
    ]


async def done_of(reader: Connection, case: Case) -> set[str]:
    """The steps that are done in the present round; a solution that was refused is to be proposed anew."""
    done = await store.done(reader, case)
    if "propose" in done and refused(await standing(reader, case)):
        done.discard("propose")
    return done


def _unsealed(vault: Vault, *, entry_id: UUID, entered_by: UUID, words: bytes | None, **done: Any) -> ReadStep:
    text = vault.open(words, entry_id.bytes).decode() if words is not None else None
    return ReadStep(DoneStep(**done), entered_by, text)
