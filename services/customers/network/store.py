"""Numbering the tree of regions anew; what refers to a region follows by its key."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.customers.network.domain import Interval, Place, Rule, check_tree, numbered
from shared.db import Connection
from shared.statement import Scalar, Statement, by_column

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


_PLACE: Final = "int4range(other.lowest, other.highest) && int4range(one.lowest, one.highest)"
MOST_NAMED: Final = 20
_MET: Final[Mapping[Rule, str]] = {
    "same-brand": f"other.brand_id = one.brand_id AND {_PLACE}",
    "same-grade": "other.customer_id = one.customer_id AND other.grade = one.grade AND other.brand_id <> one.brand_id",
    "region-grade": f"other.grade = one.grade AND other.customer_id <> one.customer_id AND {_PLACE}",
}
_BREAKING: Final = {
    rule: Scalar(
        """
        SELECT DISTINCT unnest(ARRAY[one.id, other.id]) AS id
        FROM contract one JOIN contract other ON {met} AND other.id <> one.id
            AND daterange(one.starts_on, one.ends_on) && daterange(other.starts_on, other.ends_on)
        WHERE one.withdrawn_at IS NULL AND other.withdrawn_at IS NULL
            AND CASE WHEN one.serial > other.serial THEN one.{held} ELSE other.{held} END
            AND (one.brand_id = :id::uuid OR EXISTS (
                SELECT FROM region r WHERE r.id = :id::uuid AND r.lowest <= one.lowest AND one.highest <= r.highest))
        ORDER BY id LIMIT :most
        """,
        UUID,
        met=met,
        held=rule.replace("-", "_"),
    )
    for rule, met in _MET.items()
}
"""By hand: the pairs that a constraint has refused, of the contracts of a brand or in a region that has changed."""


async def hold(transaction: Connection) -> None:
    """Before a region gets its place in the tree, a brand another grade, or a contract is signed or changed."""
    await _HOLD.execute(transaction)


async def number_anew(transaction: Connection) -> None:
    """Numbers the tree, which is held, when there is a region more: no contract has another place by that."""
    await defer(transaction)
    await _number(transaction, numbered(await _PLACES.all(transaction)))
    await look(transaction)


async def number_moved(transaction: Connection) -> None:
    """The same when a region has another place; the rules are looked at later. Raises RegionCycle."""
    places = await _PLACES.all(transaction)
    found = numbered(places)
    check_tree(places, found)
    await _number(transaction, found)


async def _number(transaction: Connection, found: Mapping[UUID, Interval]) -> None:
    rows = [{"id": id_, "lowest": each.lowest, "highest": each.highest} for id_, each in found.items()]
    await _NUMBER.execute(transaction, **by_column(rows))


async def defer(transaction: Connection) -> None:
    """The rules of the network aren't looked at until somebody does."""
    await _DEFER.execute(transaction)


async def look(transaction: Connection) -> None:
    """Looks at the rules of the network, which the database refuses to break."""
    await _LOOK.execute(transaction)


async def breaking(transaction: Connection, rule: Rule, id_: UUID) -> list[UUID]:
    """The contracts that break a rule since a brand or a region (`id_`) has changed."""
    return await _BREAKING[rule].all(transaction, id=id_, most=MOST_NAMED)
