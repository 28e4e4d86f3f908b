"""Who may settle how much in a case, and who is asked when that does not suffice."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, get_args
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.compensations import store
from services.complaints.compensations.domain import ALWAYS_ASKS, Asked, Authority, Limits, Settler, ask
from services.complaints.policies.store import in_force
from services.complaints.response_clocks.store import Concern, chains_of
from shared import directory
from shared.auth.principal import STAFF_ROLES, Principal
from shared.db import Connection
from shared.errors import Forbidden

SUPERVISOR, MANAGER = 2, 3
"""Levels of somebody's chain (decision 17)."""
_BY_ROLE: Final = [each for each in get_args(Authority) if each in STAFF_ROLES]


async def limits_at(transaction: Connection, at: datetime) -> Limits:
    """The version of the limits in force."""
    policy = await in_force(transaction, "settlement_limits", at)
    return Limits.kept(policy.version, policy.definition)


async def settler(transaction: Connection, case: Case, caller: Principal, limits: Limits, month: int) -> Settler:
    """What the caller may settle in this case; nobody else grants on their limit until the transaction ends."""
    held = await authorities(transaction, case, caller)
    await store.hold(transaction, case, caller.id)
    spent = await store.spent(transaction, case, [caller.id], month)
    return Settler(caller.id, limits.of(held), spent.get(caller.id, Decimal(0)))


async def authorities(transaction: Connection, case: Case, caller: Principal) -> set[Authority]:
    """As what the caller may settle: by their roles, their place in the house, and their part in the case."""
    held: set[Authority] = {each for each in _BY_ROLE if caller.has(each)}
    place = await store.place_of(transaction, caller.id)
    if caller.id == case.accountable_id:
        held.add("accountable")
    if place is not None and place.supervises:
        held.add("supervisor")
    if place is not None and place.manages:
        held.add("department_manager")
    return held


async def check_may_ask(transaction: Connection, case: Case, caller: Principal) -> None:
    """Raises Forbidden for who has no part in settling: another colleague of the team."""
    if caller.has(*ALWAYS_ASKS) or caller.id == case.responsible_id:
        return
    if not await authorities(transaction, case, caller):
        raise Forbidden("what is given is asked for by customer service, the accountable person, or who leads people")


async def asked(transaction: Connection, case: Case, asking: UUID, cost: Decimal, limits: Limits, month: int) -> Asked:
    """Who is asked to approve what somebody may not grant: the first in the line of whoever asks who may."""
    people = await _line(transaction, asking)
    everybody = sorted({each for those in people.values() for each in those})
    spent = await store.spent(transaction, case, everybody, month)
    return ask(
        cost, limits, {role: [(each, spent.get(each, Decimal(0))) for each in those] for role, those in people.items()}
    )


async def _line(transaction: Connection, asking: UUID) -> Mapping[Authority, list[UUID]]:
    """Who stands above somebody, by authority; who left is followed, and nobody is asked about what they ask for."""
    chain = (await chains_of(transaction, [Concern(asking)]))[Concern(asking)]
    levels = {link.level: link.staff_id for link in chain}
    manager = levels.get(MANAGER) or await store.manager_of(transaction, asking)
    people: dict[Authority, list[UUID]] = {
        "supervisor": [levels[SUPERVISOR]] if SUPERVISOR in levels else [],
        "department_manager": [manager] if manager is not None and manager in levels.values() else [],
        "cs_manager": [each.id for each in await directory.staff_in_role(transaction, "cs_manager")],
        "general_manager": [each.id for each in await directory.staff_in_role(transaction, "general_manager")],
    }
    return {role: [each for each in those if each != asking] for role, those in people.items()}
