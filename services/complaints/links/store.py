"""Links in the database, and the parent of a case."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, null, or_, select, update
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.links.domain import Link
from services.complaints.links.tables import LinkRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

_ADD = Statement(insert_one(LinkRow, *table(LinkRow).c.keys()))
_STANDING = Statement(
    select(*table(LinkRow).c).where(
        col(LinkRow.complaint_id) == given("complaint_id"),
        col(LinkRow.id) == given("id"),
        col(LinkRow.undone_at).is_(None),
    ),
    Link,
)
_BETWEEN = Scalar(
    select(col(LinkRow.id)).where(
        col(LinkRow.undone_at).is_(None),
        col(LinkRow.relation) == given("relation"),
        or_(
            (col(LinkRow.complaint_id) == given("one")) & (col(LinkRow.other_id) == given("other")),
            (col(LinkRow.complaint_id) == given("other")) & (col(LinkRow.other_id) == given("one")),
        ),
    ),
    UUID,
)
_OF_CHILD = Scalar(
    select(col(LinkRow.id)).where(
        col(LinkRow.undone_at).is_(None),
        col(LinkRow.relation) == "child",
        col(LinkRow.complaint_id) == given("parent_id"),
        col(LinkRow.other_id) == given("child_id"),
    ),
    UUID,
)
_UNDO = Statement(
    update(table(LinkRow)).values(undone_at=given("at"), undone_by=given("by")).where(col(LinkRow.id) == given("id"))
)
_LOCK = Statement("SELECT pg_advisory_xact_lock(4018, 24)")
"""By hand: two who look above their cases for a ring would each see none, and both together make one."""
_EXISTS = Scalar(select(col(ComplaintRow.id)).where(col(ComplaintRow.id) == given("id")), UUID)
_PARENT = Scalar(select(col(ComplaintRow.parent_id)).where(col(ComplaintRow.id) == given("id")), UUID)
_SET_PARENT = Statement(
    update(table(ComplaintRow)).values(parent_id=given("parent_id", Uuid)).where(col(ComplaintRow.id) == given("id"))
)
_NO_PARENT = Statement(update(table(ComplaintRow)).values(parent_id=null()).where(col(ComplaintRow.id) == given("id")))
_OPEN_CHILDREN = Scalar(
    select(col(ComplaintRow.number))
    .where(col(ComplaintRow.parent_id) == given("id"), col(ComplaintRow.state) != "closed")
    .order_by(col(ComplaintRow.number)),
    str,
)
_ANCESTORS = Scalar(
    """
    WITH RECURSIVE above (id) AS (
        SELECT parent_id FROM complaint WHERE id = :id AND parent_id IS NOT NULL
        UNION
        SELECT c.parent_id FROM above JOIN complaint c ON c.id = above.id WHERE c.parent_id IS NOT NULL
    )
    SELECT id FROM above
    """,
    UUID,
)
"""By hand: it goes up from parent to parent."""


async def add(transaction: Connection, link: Link) -> None:
    await _ADD.execute(transaction, **asdict(link))


async def standing(reader: Reader, complaint_id: UUID, id_: UUID) -> Link | None:
    """The link of a case that nobody has undone."""
    return await _STANDING.one(reader, complaint_id=complaint_id, id=id_)


async def are_linked(reader: Reader, link: Link) -> bool:
    """Whether its cases are linked so already, in whichever direction."""
    return await _BETWEEN.one(reader, one=link.complaint_id, other=link.other_id, relation=link.relation) is not None


async def of_child(reader: Reader, parent_id: UUID, child_id: UUID) -> UUID | None:
    """The link by which one case is the child of another."""
    return await _OF_CHILD.one(reader, parent_id=parent_id, child_id=child_id)


async def undo(transaction: Connection, id_: UUID, at: datetime, by: UUID | None) -> None:
    """Ends a link; nobody undoes it where a rule does."""
    await _UNDO.execute(transaction, id=id_, at=at, by=by)


async def exists(reader: Reader, id_: UUID) -> bool:
    """Whether there is a case with this id."""
    return await _EXISTS.one(reader, id=id_) is not None


async def adopt_alone(transaction: Connection) -> None:
    """Nobody else makes a case a child until the transaction ends."""
    await _LOCK.execute(transaction)


async def parent_of(reader: Reader, id_: UUID) -> UUID | None:
    return await _PARENT.one(reader, id=id_)


async def set_parent(transaction: Connection, id_: UUID, parent_id: UUID | None) -> None:
    """Says of a held case whose child it is."""
    if parent_id is None:
        await _NO_PARENT.execute(transaction, id=id_)
    else:
        await _SET_PARENT.execute(transaction, id=id_, parent_id=parent_id)


async def ancestors(reader: Reader, id_: UUID) -> list[UUID]:
    """The parent of a case, the parent's parent, and so on."""
    return await _ANCESTORS.all(reader, id=id_)


async def open_children(reader: Reader, id_: UUID) -> list[str]:
    """The numbers of a case's children that are not closed."""
    return await _OPEN_CHILDREN.all(reader, id=id_)
