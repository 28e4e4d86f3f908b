"""Customers that were merged: under which id they go on, and which ids are one customer.

Each service keeps a row for every customer that was ever merged: into whom (null once it was unmerged), and who is kept
in the end, since who was kept may be merged in turn. Things stay under the id under which they were told; whoever reads
a customer reads all its ids. So nothing depends on whether an event comes before or after the merge, a rebuild gives
the same, and an unmerge has nothing to carry back.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, select

from shared.alias_memory import Aliases, Told
from shared.alias_schema import ALIAS
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import Tier
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from shared.db import Connection, Database
from shared.projection import Projection, by_customer, latest
from shared.reactions import Reaction
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given

F = TypeVar("F", bound=Fact)

_TURN = Statement("SELECT pg_advisory_xact_lock(hashtextextended('customer_alias', 0))")
"""Of two merges of one chain the later sees the earlier: who is kept in the end depends on both."""
_NEXT_MARK = Scalar(
    """
    SELECT greatest(max(mark) + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) FROM customer_alias
    """,
    int,
)
"""By hand: what is kept later has a greater mark, as each waits for its turn; so it has after a rebuild."""
_KEEP = Statement(
    """
    INSERT INTO customer_alias AS a (id, version, into_id, kept_id, mark)
    SELECT id, version, into_id, into_id, :mark::bigint
    FROM unnest(:id::uuid[], :version::integer[], :into_id::uuid[]) AS told (id, version, into_id) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, into_id = EXCLUDED.into_id, mark = EXCLUDED.mark
    WHERE a.version < EXCLUDED.version
    """
)
"""By hand: an older telling of the same customer changes nothing."""
_FOLLOW = Statement(
    """
    WITH RECURSIVE concerned AS (
        SELECT id FROM customer_alias
        WHERE id = ANY(:ids::uuid[]) OR kept_id = ANY(:ids::uuid[])
           OR kept_id IN (SELECT kept_id FROM customer_alias WHERE id = ANY(:ids::uuid[]))
    ), walk AS (
        SELECT a.id, a.into_id AS at FROM customer_alias a JOIN concerned USING (id) WHERE a.into_id IS NOT NULL
        UNION
        SELECT w.id, a.into_id FROM walk w JOIN customer_alias a ON a.id = w.at WHERE a.into_id IS NOT NULL
    ), ends AS (
        SELECT w.id, w.at FROM walk w
        WHERE NOT EXISTS (SELECT FROM customer_alias a WHERE a.id = w.at AND a.into_id IS NOT NULL)
    )
    UPDATE customer_alias a SET kept_id = e.at, mark = :mark FROM concerned c LEFT JOIN ends e ON e.id = c.id
    WHERE a.id = c.id AND a.kept_id IS DISTINCT FROM e.at
    """
)
"""By hand: who is kept in the end, of all whose way leads over these."""
_NEWER = Statement(select(ALIAS.c.id, ALIAS.c.kept_id, ALIAS.c.mark).where(ALIAS.c.mark > given("mark")))
_KEPT = Statement(
    select(ALIAS.c.id, ALIAS.c.kept_id).where(ALIAS.c.id == any_given("ids", Uuid), ALIAS.c.into_id.is_not(None))
)
_BEHIND = Scalar(
    select(ALIAS.c.id).where(ALIAS.c.kept_id == given("id"), ALIAS.c.into_id.is_not(None)).order_by(ALIAS.c.id), UUID
)
_ALL_BEHIND = Statement(
    select(ALIAS.c.id, ALIAS.c.kept_id).where(ALIAS.c.kept_id == any_given("ids", Uuid), ALIAS.c.into_id.is_not(None))
)
_HOLD_WITH_BEHIND = """
    SELECT FROM {table} WHERE id = ANY(:ids::uuid[] || ARRAY(
        SELECT id FROM customer_alias WHERE kept_id = ANY(:ids::uuid[]) AND into_id IS NOT NULL))
    ORDER BY id FOR NO KEY UPDATE
    """


async def keep(transaction: Connection, told: Sequence[tuple[UUID, int, UUID | None]]) -> None:
    """Keeps customers that were merged, or unmerged: the id, the version of the customer, and into whom."""
    rows = [{"id": id_, "version": version, "into_id": into_id} for id_, version, into_id in told]
    await _TURN.execute(transaction)
    mark = await _NEXT_MARK.only(transaction)
    await _KEEP.execute(transaction, mark=mark, **by_column(rows))
    await _FOLLOW.execute(transaction, mark=mark, ids=[id_ for id_, _, _ in told])


_TOGETHER = Statement(
    """
    SELECT asked.id AS asked, same.id FROM unnest(:ids::uuid[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT m.kept_id FROM customer_alias m WHERE m.id = asked.id AND m.into_id IS NOT NULL), asked.id) AS id) root
    CROSS JOIN LATERAL (
        SELECT root.id UNION ALL SELECT a.id FROM customer_alias a WHERE a.kept_id = root.id AND a.into_id IS NOT NULL
    ) same
    """
)
"""By hand: of each that is asked for, first who is kept."""


async def kept(reader: Reader, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Of those that were merged: under which id they go on."""
    return {row["id"]: row["kept_id"] for row in await _KEPT.all(reader, ids=list(ids))}


async def all_ids(reader: Reader, id_: UUID) -> list[UUID]:
    """Every id under which things of a customer stand: its own, and those that were merged into it."""
    return [id_, *await _BEHIND.all(reader, id=id_)]


async def together(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Of each customer, kept or merged, every id under which their things stand."""
    found: dict[UUID, list[UUID]] = {}
    for row in await _TOGETHER.all(reader, ids=list(ids)):
        found.setdefault(row["asked"], []).append(row["id"])
    return found


async def asked_for(reader: Reader, id_: UUID | None) -> list[UUID] | None:
    """Every id under which things of the customer stand by whom a list is narrowed; None for everybody's."""
    return None if id_ is None else (await together(reader, [id_]))[id_]


async def own_tiers(transaction: Connection, events: Sequence[Event]) -> dict[UUID, Tier]:
    """Reads customer.unmerged: of each id that stands under somebody who is a customer again, whose tier that is.

    What is told under the one who was kept comes when it will, perhaps after a later tier, and says nothing of this.
    """
    facts = [fact for fact in (event.read(CustomerUnmerged) for event in events) if fact.customer_id == fact.merged_id]
    tiers = {fact.merged_id: fact.tier for fact in facts if fact.tier}
    gone = await kept(transaction, tiers)
    behind = await together(transaction, tiers.keys() - gone.keys())
    return {id_: tiers[whose] for whose, ids in behind.items() for id_ in ids}


class Followed(Projection[F]):
    """Keeps rows of customers by their `id`, and the same of those who were merged into them: held all at once in the
    order of their ids, as a merge holds them, and only then is read who they are."""

    def __init__(
        self, contract: type[F], statement: Statement[Any], row: Callable[[F], Mapping[str, object]], held_in: str
    ) -> None:
        """`held_in` is the table with the rows."""
        super().__init__(contract, statement, row)
        self._hold = Statement(_HOLD_WITH_BEHIND, table=held_in)

    async def keep(self, transaction: Connection, events: Sequence[Event]) -> list[F]:
        facts = [event.read(self._contract) for event in events]
        rows: dict[UUID, Mapping[str, object]] = {
            fact.customer_id: self._row(fact)  # type: ignore[attr-defined]  # as `by_customer` has it
            for fact in latest(facts, by_customer)
        }
        await self._hold.execute(transaction, ids=list(rows))
        behind = {row["id"]: rows[row["kept_id"]] for row in await _ALL_BEHIND.all(transaction, ids=list(rows))}
        same = [{**row, "id": id_} for id_, row in {**behind, **rows}.items()]
        await self._statement.execute(transaction, **by_column(same))
        return facts


async def known(database: Database) -> Aliases:
    """All of them, as this process knows them."""

    async def read(mark: int) -> list[Told]:
        return [Told(**row) for row in await _NEWER.all(database, mark=mark)]

    return await database.aliases.get(read)


class HasDatabase(Protocol):
    """A service's context, as far as it is needed here."""

    @property
    def database(self) -> Database: ...


M = TypeVar("M", CustomerMerged, CustomerUnmerged)


async def on_customer_merged(context: HasDatabase, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps who was merged; it is told under the one who is kept, too, where nothing is left to do."""
    await _take(context, transaction, [(event, event.read(CustomerMerged)) for event in events])


async def on_customer_unmerged(context: HasDatabase, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps who is a customer again."""
    await _take(context, transaction, [(event, event.read(CustomerUnmerged)) for event in events])


async def _take(context: HasDatabase, transaction: Connection, told: Sequence[tuple[Event, M]]) -> None:
    own = latest(((event, fact) for event, fact in told if fact.customer_id == fact.merged_id), _whose)
    if own:
        await keep(transaction, [_row(event, fact) for event, fact in own])
        context.database.once_committed(transaction, context.database.aliases.forget)


def _whose(told: tuple[Event, M]) -> UUID:
    return told[1].merged_id


def _row(event: Event, fact: CustomerMerged | CustomerUnmerged) -> tuple[UUID, int, UUID | None]:
    return fact.merged_id, event.aggregate_version, fact.into_id if isinstance(fact, CustomerMerged) else None


REACTIONS: Mapping[str, Reaction[Any]] = {
    CustomerMerged.TYPE: on_customer_merged,
    CustomerUnmerged.TYPE: on_customer_unmerged,
}
"""To be merged into a service's REACTIONS."""
