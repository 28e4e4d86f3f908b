"""Numbering the tree of regions anew; what refers to a region follows by its key."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from services.customers.network.domain import CONSTRAINTS, Interval, Place, check_tree, numbered, refuse
from shared.db import Connection
from shared.statement import Statement, by_column

_HOLD = Statement("SELECT pg_advisory_xact_lock(4018, 2)")
"""By hand: who signs waits for who is signing, or gives a region another place: two that refuse each other would wait
for each other else, and a contract would carry numbers that are no longer its region's."""
_PLACES = Statement("SELECT id, parent_id FROM region", Place)
_DEFER = Statement("SET CONSTRAINTS contract_same_brand, contract_same_grade, contract_region_grade DEFERRED")
_LOOK = Statement("SET CONSTRAINTS contract_same_brand, contract_same_grade, contract_region_grade IMMEDIATE")
_NUMBER = Statement(
    """
    UPDATE region AS r SET lowest = t.lowest, highest = t.highest
    FROM unnest(:id::uuid[], :lowest::integer[], :highest::integer[]) AS t (id, lowest, highest)
    WHERE r.id = t.id AND (r.lowest, r.highest) IS DISTINCT FROM (t.lowest, t.highest)
    """
)
"""By hand: contracts carry the numbers of their region and follow (ON UPDATE CASCADE); the rules are looked at when all
of them stand."""


async def hold(transaction: Connection) -> None:
    """Before a region gets its place in the tree, a brand another grade, or a contract is signed or changed."""
    await _HOLD.execute(transaction)


async def number_anew(transaction: Connection) -> None:
    """Numbers the tree, which is held, when there is a region more: no contract has another place by that."""
    await _number(transaction, numbered(await _PLACES.all(transaction)))


async def number_moved(transaction: Connection) -> None:
    """The same when a region has another place. Raises RegionCycle, or what a contract breaks at its new place."""
    places = await _PLACES.all(transaction)
    found = numbered(places)
    check_tree(places, found)
    async with refusals():
        await _number(transaction, found)


async def _number(transaction: Connection, found: Mapping[UUID, Interval]) -> None:
    rows = [{"id": id_, "lowest": each.lowest, "highest": each.highest} for id_, each in found.items()]
    await _DEFER.execute(transaction)
    await _NUMBER.execute(transaction, **by_column(rows))
    await _LOOK.execute(transaction)


@asynccontextmanager
async def refusals() -> AsyncIterator[None]:
    """What the database refuses by the rules of the network, as errors that name the rule. Raises SameBrand, SameGrade
    or RegionGrade."""
    try:
        yield
    except asyncpg.ExclusionViolationError as refused:
        rule = CONSTRAINTS.get(refused.constraint_name or "")
        if rule is None:
            raise
        refuse(rule)
