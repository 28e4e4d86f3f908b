"""Whether somebody may do something in a case, by the table in force."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.policies.store import in_force
from services.complaints.response_clocks.domain.chain import Link
from services.complaints.response_clocks.store import Concern, chains_of
from services.complaints.step_roles import store
from services.complaints.step_roles.domain import (
    Act,
    Parts,
    StepRoles,
    check_may,
    check_own,
    check_past,
    doers_of,
    may,
)
from shared import directory
from shared.auth.principal import ADMINISTRATION, Principal
from shared.db import Connection

ACCOUNTABLE, SUPERVISOR = 1, 2
"""Levels of the accountable person's own chain."""


async def require(
    transaction: Connection, case: Case, act: Act, caller: Principal, at: datetime, owner_id: UUID | None = None
) -> int | None:
    """The version of the table by which the caller may do this in a held case; None for what the past did.

    `owner_id` is whose act it is said to be.

    Raises OwnCase, Forbidden.
    """
    if case.historical(at):
        check_past(caller)
        return None
    roles = await _table(transaction, at)
    parts = await _parts(transaction, case, caller)
    check_own(act, caller, parts, owner_id)
    check_may(act, caller, parts, roles)
    return roles.version


async def may_do(
    reader: Connection, case: Case, acts: Sequence[Act], caller: Principal, at: datetime
) -> list[tuple[Act, Sequence[str], bool]]:
    """To whom the table in force gives each of these in a case, and whether the caller may."""
    roles, parts = await _table(reader, at), await _parts(reader, case, caller)
    return [(act, doers_of(act, parts, roles), may(act, caller, parts, roles)) for act in acts]


async def _table(transaction: Connection, at: datetime) -> StepRoles:
    policy = await in_force(transaction, "step_roles", at)
    return StepRoles.kept(policy.version, policy.definition)


async def _parts(transaction: Connection, case: Case, caller: Principal) -> Parts:
    involved = await store.involved(transaction, case.id)
    two = [each for each in (case.accountable_id, case.responsible_id) if each is not None]
    known = await directory.staff(transaction, [*two, caller.id])
    line = await _line(transaction, case.accountable_id)
    own, theirs = known.get(caller.id), known.get(case.accountable_id) if case.accountable_id else None
    return Parts(
        accountable=frozenset(each for each in (case.accountable_id, line.get(ACCOUNTABLE)) if each is not None),
        supervisor=line.get(SUPERVISOR),
        department=own is not None and theirs is not None and own.department_id == theirs.department_id is not None,
        handler=case.responsible_id,
        recorder=involved.recorded_by,
        of_administration=any(known[each].role == ADMINISTRATION for each in two if each in known),
        in_person=involved.against_a_person,
        involved=frozenset(involved.people),
    )


async def _line(transaction: Connection, accountable_id: UUID | None) -> dict[int, UUID]:
    """The accountable person's chain by level; who left is followed to the end (decision 17)."""
    if accountable_id is None:
        return {}
    concern = Concern(accountable_id)
    chain: tuple[Link, ...] = (await chains_of(transaction, [concern]))[concern]
    return {link.level: link.staff_id for link in chain}
