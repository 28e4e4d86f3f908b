"""Reading a fault: its notice, and what was decided that it costs."""

from uuid import UUID

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.faults import store
from services.complaints.faults.domain import FaultNoticeNotFound, ReadFault
from shared import directory


async def read(context: Context, internal_id: UUID, *, viewer: UUID | None, viewer_of_money: UUID | None) -> ReadFault:
    """A fault with its costs; without those that none of the people of `viewer_of_money` pays, or has paid.

    Raises ComplaintNotFound where the case is not the viewer's to see, FaultNoticeNotFound.
    """
    await read_case(context, internal_id, viewer=viewer)
    async with context.database.connection() as reader:
        notice = await store.notice_of(reader, internal_id)
        if notice is None:
            raise FaultNoticeNotFound("this case came of no promise outside the rules")
        listed = (await directory.staff(reader, [notice.to_id])).get(notice.to_id)
        costs = await store.costs_of(reader, context.words, internal_id)
        if viewer_of_money is not None:
            people = await directory.subordinates(reader, viewer_of_money)
            costs = [each for each in costs if each.person_id in people]
    return ReadFault(notice, listed.name if listed is not None else None, costs)


async def list_to(context: Context, to_id: UUID, most: int) -> list[ReadFault]:
    """The notices of fault to somebody with what they cost them, the latest first."""
    async with context.database.connection() as reader:
        notices = await store.notices_to(reader, to_id, most)
        costs = await store.costs_of(reader, context.words, *(each.internal_id for each in notices)) if notices else []
        listed = (await directory.staff(reader, [to_id])).get(to_id) if notices else None
    name = listed.name if listed is not None else None
    own = [cost for cost in costs if cost.person_id == to_id]
    return [ReadFault(each, name, [cost for cost in own if cost.internal_id == each.internal_id]) for each in notices]
