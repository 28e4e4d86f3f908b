"""Issuing a notice, and acknowledging it."""

from dataclasses import replace
from uuid import UUID

from services.complaints.assignment.handlers.offering import hand_on
from services.complaints.cases.domain import CaseState, Said, moment_of
from services.complaints.cases.queries import read_case
from services.complaints.cases.store import rounds
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.notices import events, store
from services.complaints.notices.domain import NewNotice, NotAddressed, Notice, NoticeNotFound, notice_number
from services.complaints.response_clocks.store import people_around
from services.complaints.watch.handlers.catching_up import catch_up
from shared import directory
from shared.ids import new_id
from shared.references import UnknownStaff
from shared.succession import at_work


async def issue(context: Context, id_: UUID, new: NewNotice, by: UUID) -> Notice:
    """Makes somebody accountable and tells them so: from now on a late answer is told in their line (decision 17).

    What was due before is told in the line of before, however late anybody notices. A notice that stands is superseded.
    Where it comes to be against its handler, the case goes to the next (domain 3.2).

    Raises ComplaintNotFound, TimeNotAllowed, UnknownStaff, WrongState.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
        now = context.clock.now()
        new.check_deadline(now)
        addressed = (await directory.staff(transaction, [new.to_id])).get(new.to_id)
        if addressed is None or not addressed.active:
            raise UnknownStaff("no active member of staff has this id", pointer="#/to")
        case = await catch_up(transaction, case, now)
        moment = moment_of(case, None, now)
        notice = Notice(
            id=new_id(),
            number=notice_number(moment, context.zone, await store.next_serial(transaction)),
            complaint_id=case.id,
            round=case.round,
            to_id=new.to_id,
            deadline=new.deadline,
            issued_at=moment,
            issued_by=by,
            entry_id=new_id(),
        )
        before, earlier = case.accountable_id, await store.standing(transaction, case.id)
        case = case._replace(accountable_id=new.to_id, noticed_at=case.noticed_at or moment)
        superseded = earlier if earlier is not None and earlier.to_id != new.to_id else None
        movement = Movement(
            case,
            "noticed",
            Said(new.demand, None, by),
            moment,
            [
                *([events.withdrawn(case, superseded, moment)] if superseded is not None else []),
                events.noticed(case, notice, before),
            ],
            changes=changed(accountable_id=(before, new.to_id), notice=(earlier and earlier.number, notice.number)),
            entry_id=notice.entry_id,
        )
        case = await history.keep(transaction, context, movement)
        await store.supersede(transaction, case.id, moment)
        await store.add(transaction, notice)
        await rounds.name_accountable(transaction, case)
        await hand_on(transaction, context, case)
    return notice


async def acknowledge(context: Context, id_: UUID, by: UUID, *, viewer: UUID | None) -> Notice:
    """Whom the standing notice is addressed to, or who does their work, has read it; said again it changes nothing.

    Raises ComplaintNotFound also where the case is not the viewer's to see, NoticeNotFound, NotAddressed, WrongState.
    """
    await read_case(context, id_, viewer=viewer)
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        notice = await store.standing(transaction, case.id)
        if notice is None:
            raise NoticeNotFound("no notice was issued about this case")
        if at_work(await people_around(transaction, [notice.to_id]), notice.to_id) != by:
            raise NotAddressed("only whom the notice is addressed to acknowledges it, or who does their work")
        if notice.acknowledged_at is not None:
            return notice
        case.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
        moment = max(context.clock.now(), case.moved_at)
        fact = events.acknowledged(case, notice, moment, by)
        said = Said(None, None, by)
        await history.keep(transaction, context, Movement(case, "notice_acknowledged", said, moment, [fact]))
        await store.acknowledge(transaction, notice.id, moment, by)
    return replace(notice, acknowledged_at=moment, acknowledged_by=by)
