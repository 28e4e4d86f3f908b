"""Entering and removing relations between people, and their kinds."""

from collections.abc import Collection, Mapping
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.people import handlers as people
from services.customers.people import queries as people_read
from services.customers.people import store as people_kept
from services.customers.people.domain import PersonNotFound, UnknownPerson
from services.customers.people.handlers import Author
from services.customers.relations import domain, queries, store
from services.customers.relations.domain import (
    Relation,
    RelationKind,
    RelationNotFound,
    RelationRing,
    UnknownRelationKind,
)
from services.customers.relations.queries import Related
from shared import audit
from shared.db import Connection
from shared.ids import new_id


async def add_kind(context: Context, new: RelationKind, *, by: UUID) -> RelationKind:
    """Lists a further kind. Raises RelationKindTaken."""
    async with context.database.transaction() as transaction:
        await store.add_kind(transaction, new)
        await audit.enter(transaction, by, "relation_kind.added")
    return new


async def add(
    context: Context, customer_id: UUID, person_id: UUID, to_id: UUID, kind_code: str, by: Author
) -> Relation:
    """Enters what somebody of a store is to somebody else. Raises CustomerNotFound, PersonNotFound, UnknownPerson,
    UnknownRelationKind, RelationWithOneself, RelationStands, RelationRing."""
    await people_read.read(context, customer_id, person_id, viewer=by.viewer)
    async with context.database.transaction() as transaction:
        kind = await store.kind(transaction, kind_code)
        if kind is None or not kind.active:
            raise UnknownRelationKind("GET /customers/v1/relation-kinds lists them", pointer="#/kind")
        relation = domain.between(new_id(), person_id, to_id, kind, context.clock.now())
        found = await _held(transaction, [person_id, to_id], by)
        if person_id not in found:
            raise PersonNotFound("the store has nobody with this id")
        if to_id not in found:
            raise UnknownPerson("nobody has this id", pointer="#/to_id")
        if kind.code in domain.RANKS:
            await store.hold_ranks(transaction)
            if await store.reaches(transaction, kind.code, to_id, person_id):
                raise RelationRing("the other one reports to them: remove that relation first", pointer="#/to_id")
        await store.add(transaction, relation, by=by.id)
        await _keep(context, transaction, relation, kind, found, by, stands=True)
        await audit.enter(transaction, by.id, "relation.added", relation.id)
    return relation


async def remove(context: Context, customer_id: UUID, person_id: UUID, id_: UUID, by: Author) -> None:
    """Removes a relation. Raises CustomerNotFound, PersonNotFound, RelationNotFound."""
    await people_read.read(context, customer_id, person_id, viewer=by.viewer)
    async with context.database.transaction() as transaction:
        relation = await store.read(transaction, person_id, id_)
        found = {} if relation is None else await _held(transaction, [relation.from_id, relation.to_id])
        kind = None if relation is None else await store.kind(transaction, relation.kind)
        if relation is None or kind is None or not await store.remove(transaction, person_id, id_):
            raise RelationNotFound("they have no relation with this id")
        await _keep(context, transaction, relation, kind, found, by, stands=False)
        await audit.enter(transaction, by.id, "relation.removed", id_)


async def _held(transaction: Connection, ids: list[UUID], by: Author | None = None) -> dict[UUID, UUID]:
    """The people there are, each with their store, which are held before them; of an author as far as they see them."""
    stores = await people_kept.stores_of(transaction, ids)
    await locks.customers(transaction, stores)
    return await store.hold(transaction, ids, viewer=by.viewer if by is not None else None)


async def _keep(
    context: Context,
    transaction: Connection,
    relation: Relation,
    kind: RelationKind,
    stores: Mapping[UUID, UUID],
    by: Author,
    *,
    stands: bool,
) -> None:
    """What the histories of both stores keep of a relation, each sealed for who is of that store; once in one store."""
    of_store = {stores[one]: one for one in (relation.to_id, relation.from_id)}
    for store_id, one in of_store.items():
        history = [domain.history_of(relation, one, mutual=kind.mutual, stands=stands)]
        sealer, now = await people_kept.sealer(transaction, context.personal, one), context.clock.now()
        await changes_made.keep(transaction, store_id, history, at=now, by=by.id, sealer=sealer, sealed_for=one)


async def show_page(
    context: Context,
    customer_id: UUID,
    person_id: UUID,
    after: UUID | None,
    most: int,
    *,
    seen: Collection[str],
    by: Author,
) -> list[Related]:
    """Whom somebody has to do with; who is shown in full by that is entered."""
    found = await queries.page(context, customer_id, person_id, after, most, viewer=by.viewer)
    others = [each.other for each in found[: most - 1]]
    await people.enter_unmasked(context, others, seen, by.id)
    return found
