"""Linking cases, and undoing that; both are audited."""

from uuid import UUID

from services.complaints.cases.domain import Case, Said, Unsigned
from services.complaints.cases.events import fact_of
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.links import store
from services.complaints.links.domain import (
    Link,
    LinkedAlready,
    LinkedToItself,
    LinkNotFound,
    UnknownComplaint,
    check_child,
)
from shared import audit
from shared.contracts.complaints import ComplaintLinked, LinkRelation
from shared.db import Connection
from shared.ids import new_id


async def link(context: Context, id_: UUID, other_id: UUID, relation: LinkRelation, *, by: UUID) -> Link:
    """Links two cases. With `child` the other one becomes a child of this one, which is not closed before it.

    Raises ComplaintNotFound, UnknownComplaint, LinkedToItself, LinkedAlready, HasParent, LinkedInARing, WrongState.
    """
    if id_ == other_id:
        raise LinkedToItself("name another case", pointer="#/other_id")
    made = Link(new_id(), id_, other_id, relation, context.clock.now(), by)
    async with context.database.transaction() as transaction:
        if not await store.exists(transaction, other_id):
            raise UnknownComplaint("no complaint has this id", pointer="#/other_id")
        if relation == "child":
            await store.adopt_alone(transaction)
        case, other = await _both(transaction, id_, other_id)
        if await store.are_linked(transaction, made):
            raise LinkedAlready("undo that link first to make it anew")
        if relation == "child":
            parent_id, above = await store.parent_of(transaction, other_id), await store.ancestors(transaction, id_)
            check_child(case, other_id, parent_id, above)
            await store.set_parent(transaction, other_id, id_)
        await store.add(transaction, made)
        await audit.enter(transaction, by, "complaint.linked", id_)
        await _tell(transaction, context, made, case, other, by, undone=False)
    return made


async def relate(transaction: Connection, context: Context, case: Case, other: Case, *, by: UUID) -> None:
    """Says of two held cases that they belong together, where one came of the other; `by` is who brought that about."""
    made = Link(new_id(), case.id, other.id, "related", context.clock.now(), by)
    await store.add(transaction, made)
    await _tell(transaction, context, made, case, other, by, undone=False)


async def undo(context: Context, id_: UUID, link_id: UUID, *, by: UUID) -> None:
    """Undoes a link: a child holds its parent open no longer. Raises ComplaintNotFound, LinkNotFound."""
    async with context.database.transaction() as transaction:
        found = await store.standing(transaction, id_, link_id)
        if found is None:
            await lock(transaction, id_)
            raise LinkNotFound("this case has no such link, or it is undone")
        case, other = await _both(transaction, id_, found.other_id)
        if await store.standing(transaction, id_, link_id) is None:
            raise LinkNotFound("it has been undone meanwhile")
        if found.relation == "child":
            await store.set_parent(transaction, other.id, None)
        await store.undo(transaction, link_id, context.clock.now(), by)
        await audit.enter(transaction, by, "complaint.unlinked", id_)
        await _tell(transaction, context, found, case, other, by, undone=True)


async def let_go(transaction: Connection, context: Context, child: Case, parent: Case) -> Case:
    """Undoes the link of a held child to its held parent, by rule: its complainant opens it again, whom nobody refuses,
    and the parent has ended. The child as it is then."""
    id_ = await store.of_child(transaction, parent.id, child.id)
    if id_ is None:
        return child
    await store.set_parent(transaction, child.id, None)
    await store.undo(transaction, id_, context.clock.now(), None)
    await _tell_one(transaction, context, parent, "child", child, Unsigned(), undone=True)
    return await _tell_one(transaction, context, child, "parent", parent, Unsigned(), undone=True)


async def _both(transaction: Connection, id_: UUID, other_id: UUID) -> tuple[Case, Case]:
    """Both cases, held in the order of their ids. Raises ComplaintNotFound."""
    held = {each: await lock(transaction, each) for each in sorted((id_, other_id))}
    return held[id_], held[other_id]


async def _tell(
    transaction: Connection, context: Context, made: Link, case: Case, other: Case, by: UUID, *, undone: bool
) -> None:
    """Keeps it in the history and tells of it: of a child at both cases, for each of them has changed."""
    said = Said(None, None, by)
    await _tell_one(transaction, context, case, made.relation, other, said, undone=undone)
    if made.relation == "child":
        await _tell_one(transaction, context, other, "parent", case, said, undone=undone)


async def _tell_one(
    transaction: Connection,
    context: Context,
    case: Case,
    relation: LinkRelation,
    other: Case,
    said: Said | Unsigned,
    *,
    undone: bool,
) -> Case:
    now = context.clock.now()
    fact = fact_of(ComplaintLinked, case, now, other_id=other.id, relation=relation, undone=undone)
    before, after = (other.number, None) if undone else (None, other.number)
    movement = Movement(
        case,
        "unlinked" if undone else "linked",
        said,
        now,
        [fact],
        changes=changed(**{relation: (before, after)}),
        moves=False,
    )
    return await history.keep(transaction, context, movement)
