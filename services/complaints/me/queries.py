"""Reading what concerns one person: their cases now, and what happens to these as it happens."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Uuid, and_, or_, select
from sqlmodel import col

from services.complaints.cases.domain import CaseState
from services.complaints.cases.queries import Row
from services.complaints.cases.tables import ComplaintRow
from services.complaints.clocks.tables import CaseClockRow
from services.complaints.commitments.queries import ReadCommitment, awaiting, owed_by
from services.complaints.context import Context
from services.complaints.faults.domain import ReadFault
from services.complaints.faults.queries import list_to
from services.complaints.funds.queries import ReadWithdrawal, asked_of
from services.complaints.internal_cases.tables import InternalCaseRow
from services.complaints.ledger.domain import Booking
from services.complaints.ledger.queries import list_bookings
from services.complaints.lists.domain import Wanted
from services.complaints.lists.queries.listing import list_cases
from services.complaints.lists.queries.queue import read_queue
from services.complaints.me.domain import KEPT_BACK, MOST, NAMING, NAMING_MANY, Deadline, MyApproval, MyNotice
from services.complaints.notices.tables import NoticeRow
from services.complaints.payroll.queries import PersonStatement, waiting
from services.complaints.responsibility.queries import ListedPenalty, list_penalties
from services.complaints.responsibility.queries import awaiting as awaiting_decision
from services.complaints.rewards.domain.rewards import Reward
from services.complaints.rewards.queries import list_rewards
from shared.auth.principal import Principal
from shared.contracts.complaints import FACTS
from shared.live.log import last_sequence
from shared.live.updates import Extent, LiveUpdate
from shared.moments import with_z
from shared.statement import Reader, Statement, any_given, given

_UNANSWERED: Final = (CaseState.ANSWERED, CaseState.RESOLVED)
_PLACE: Final = frozenset({"tier_rank", "queue_at"})


_CLOCKS: Final = Statement(
    select(
        col(CaseClockRow.complaint_id),
        col(ComplaintRow.number),
        col(CaseClockRow.kind),
        col(CaseClockRow.due_at),
        (col(CaseClockRow.due_at) <= given("now")).label("overdue"),
    )
    .join(
        ComplaintRow,
        and_(
            col(ComplaintRow.id) == col(CaseClockRow.complaint_id), col(ComplaintRow.round) == col(CaseClockRow.round)
        ),
    )
    .where(
        or_(
            col(CaseClockRow.complaint_id) == any_given("ids", Uuid),
            and_(col(CaseClockRow.complaint_id) == any_given("own_ids", Uuid), col(CaseClockRow.kind) == "execute"),
        ),
        or_(col(CaseClockRow.kind) != "accept", col(ComplaintRow.kind) != "internal"),
        col(CaseClockRow.stopped_at).is_(None),
        col(CaseClockRow.due_at).is_not(None),
    ),
    Deadline,
)
_TO_ACCEPT: Final = Statement(
    select(
        col(CaseClockRow.complaint_id),
        col(ComplaintRow.number),
        col(CaseClockRow.kind),
        col(CaseClockRow.due_at),
        (col(CaseClockRow.due_at) <= given("now")).label("overdue"),
    )
    .join(ComplaintRow, col(ComplaintRow.id) == col(CaseClockRow.complaint_id))
    .join(InternalCaseRow, col(InternalCaseRow.complaint_id) == col(ComplaintRow.id))
    .where(
        col(CaseClockRow.kind) == "accept",
        col(CaseClockRow.stopped_at).is_(None),
        col(CaseClockRow.due_at).is_not(None),
        col(ComplaintRow.accepted_at).is_(None),
        col(ComplaintRow.state) == CaseState.OPEN.value,
        or_(col(ComplaintRow.accountable_id).is_(None), col(ComplaintRow.accountable_id) != given("staff_id")),
    )
    .order_by(col(CaseClockRow.due_at), col(CaseClockRow.complaint_id))
    .limit(MOST),
    Deadline,
)
"""Internal cases that nobody has taken: any of administration may, but whom a case is against (domain 3.6)."""
_NOTICES: Final = Statement(
    select(
        col(NoticeRow.id),
        col(NoticeRow.number),
        col(NoticeRow.complaint_id),
        col(ComplaintRow.number).label("complaint_number"),
        col(NoticeRow.deadline),
        col(NoticeRow.issued_at),
        col(NoticeRow.acknowledged_at),
        (col(NoticeRow.deadline) <= given("now")).label("overdue"),
    )
    .join(ComplaintRow, col(ComplaintRow.id) == col(NoticeRow.complaint_id))
    .where(
        col(NoticeRow.to_id) == given("staff_id"),
        col(NoticeRow.superseded_at).is_(None),
        col(ComplaintRow.state) != CaseState.CLOSED.value,
    )
    .order_by(col(NoticeRow.deadline), col(NoticeRow.id))
    .limit(MOST),
    MyNotice,
)


_APPROVALS: Final = Statement(
    """
    SELECT 'compensation' AS matter, p.complaint_id, c.number AS complaint_number, p.id AS compensation_id, p.cost,
        p.asked_at, p.asked_by
    FROM compensation p JOIN complaint c ON c.id = p.complaint_id
    WHERE p.state = 'awaits_approval' AND :staff_id::uuid = ANY(p.by_ids) AND c.state <> 'closed'
    UNION ALL
    SELECT 'solution', s.complaint_id, c.number, NULL, NULL, s.proposed_at, s.owner_id
    FROM solution s JOIN complaint c ON c.id = s.complaint_id AND c.round = s.round
    WHERE s.state = 'awaits_approval' AND :staff_id::uuid = ANY(s.approver_ids) AND c.state <> 'closed'
    ORDER BY asked_at, complaint_id LIMIT :most
    """,
    MyApproval,
)
"""By hand: two tables in one order. A new round ends what the one before asked of a solution."""


async def handled(context: Context, staff_id: UUID) -> list[Row]:
    """The cases that somebody handles and that are not closed: those that wait for an answer by what is left, then
    those that wait for their end, the oldest first."""
    waiting = await read_queue(context, Wanted(handler_id=staff_id), "due", None, MOST)
    cases = [{name: value for name, value in row.items() if name not in _PLACE} for row in waiting]
    for state in _UNANSWERED:
        wanted = Wanted(handler_id=staff_id, state=state)
        cases += await list_cases(context, wanted, "oldest", None, MOST, viewer=None)
    return cases


async def answered_for(context: Context, staff_id: UUID) -> list[Row]:
    """The cases that are against somebody and that are not closed, the oldest first."""
    cases: list[Row] = []
    for state in (CaseState.OPEN, *_UNANSWERED):
        wanted = Wanted(accountable_id=staff_id, state=state)
        cases += await list_cases(context, wanted, "oldest", None, MOST, viewer=None)
    return cases


async def notices_to(context: Context, staff_id: UUID) -> list[MyNotice]:
    """The notices to somebody that stand, about cases that are not closed, the earliest deadline first."""
    return await _NOTICES.all(context.database, staff_id=staff_id, now=context.clock.now())


async def approvals(context: Context, staff_id: UUID) -> list[MyApproval]:
    """What awaits somebody's word, the longest waiting first."""
    return await _APPROVALS.all(context.database, staff_id=staff_id, most=MOST)


async def to_accept(context: Context, staff_id: UUID) -> list[Deadline]:
    """Until when the internal cases that nobody has taken are to be accepted by somebody of administration."""
    return await _TO_ACCEPT.all(context.database, staff_id=staff_id, now=context.clock.now())


async def deadlines_of(
    context: Context,
    handled: Sequence[Row],
    answered_for: Sequence[Row],
    notices: Sequence[MyNotice],
    to_accept: Sequence[Deadline] = (),
) -> list[Deadline]:
    """Until when what is due, the earliest first: of cases that somebody handles all but what administration accepts,
    of those against them what is to be executed, what notices demand, and `to_accept`; while a clock is paused nothing
    is."""
    answers = [
        Deadline(UUID(case["id"]), case["number"], "answer", case["answer_due_at"], case["overdue"])
        for case in handled
        if case["state"] == CaseState.OPEN and case["answer_due_at"] is not None
    ]
    demanded = [
        Deadline(each.complaint_id, each.complaint_number, "notice", each.deadline, each.overdue) for each in notices
    ]
    ids, own_ids = ([UUID(case["id"]) for case in cases] for cases in (handled, answered_for))
    now = context.clock.now()
    others = await _CLOCKS.all(context.database, ids=ids, own_ids=own_ids, now=now) if ids or own_ids else []
    return sorted([*answers, *demanded, *others, *to_accept], key=lambda deadline: deadline.due_at)


async def penalties(context: Context, staff_id: UUID) -> list[ListedPenalty]:
    """The penalties that somebody pays, or a part of, whatever became of them, the latest first."""
    names = ("month", "department_id", "state", "rule", "complaint_id", "task_id")
    filters = {**dict.fromkeys(names), "person_id": staff_id}
    return await list_penalties(context, filters, None, MOST, viewer=None)


async def decisions(context: Context, caller: Principal) -> list[ListedPenalty]:
    """The penalties and appeals that await somebody's decision, the longest waiting first."""
    return await awaiting_decision(context, caller, MOST)


async def rewards(context: Context, staff_id: UUID) -> list[Reward]:
    """The rewards of somebody, alone or in a team, whatever became of them, the latest first."""
    filters = {"month": None, "person_id": staff_id, "state": None, "complaint_id": None}
    return await list_rewards(context, filters, None, MOST, viewer=None)


async def statements(context: Context, staff_id: UUID) -> list[PersonStatement]:
    """The statements of closed months that somebody has not signed as they stand, the latest first."""
    return await waiting(context, staff_id)


async def faults(context: Context, staff_id: UUID) -> list[ReadFault]:
    """The notices of fault to somebody, with what was decided that they cost, the latest first."""
    return await list_to(context, staff_id, MOST)


async def bookings(context: Context, staff_id: UUID) -> list[Booking]:
    """What was booked on somebody, the latest first."""
    filters = {"month": None, "person_id": staff_id, "department_id": None, "fund_id": None, "basis_id": None}
    return await list_bookings(context, filters, None, MOST, viewer=None)


async def agreements(context: Context, staff_id: UUID) -> list[ReadWithdrawal]:
    """What was asked of the fund of somebody's department and awaits their word, the longest waiting first."""
    return await asked_of(context, staff_id)


async def commitments(context: Context, staff_id: UUID) -> list[ReadCommitment]:
    """What somebody promised customers and has not done, the earliest due first."""
    return await owed_by(context, staff_id)


async def confirmations(context: Context, staff_id: UUID) -> list[ReadCommitment]:
    """Promises outside the rules of which somebody's word is awaited, what is due first before the others."""
    return await awaiting(context, staff_id)


# ---------------------------------------------------------------------------- as it happens


def _update(
    id: int, type: str, at: datetime, data: str, responsible_id: UUID | None, accountable_id: UUID | None
) -> LiveUpdate:
    content = {"type": type, "at": at, "data": orjson.Fragment(with_z(data))}
    named = frozenset(_named(orjson.loads(data), responsible_id, accountable_id))
    return LiveUpdate(id, type, orjson.dumps(content, option=orjson.OPT_UTC_Z).decode(), named)


def _named(data: Mapping[str, Any], *present: UUID | None) -> Iterator[UUID]:
    """Whom an event concerns: who has the case now, and whom it names."""
    yield from (each for each in present if each is not None)
    yield from (UUID(data[name]) for name in NAMING if data.get(name) is not None)
    yield from (UUID(id_) for name in NAMING_MANY for id_ in data.get(name) or ())


_AFTER: Final = Statement(
    """
    SELECT e.sequence AS id, e.type, e.time AS at, e.data::text AS data, c.responsible_id, c.accountable_id
    FROM event_log e LEFT JOIN complaint c ON c.id = e.aggregate_id
    WHERE e.sequence > :position AND e.topic = :topic AND NOT e.historical ORDER BY e.sequence LIMIT :most
    """,
    _update,
)
"""By hand: an event is read with who has its case now. History is silent (decision 5)."""


class OwnLog:
    """The source of the stream of what happens to cases: complaints' own log, by its sequence (decision 1)."""

    async def extent(self, reader: Reader) -> Extent:
        """From where to where a client may ask; the log itself goes back to its beginning."""
        last = await last_sequence(reader)
        return Extent(max(0, last - KEPT_BACK), last)

    async def after(self, reader: Reader, position: int, most: int) -> list[LiveUpdate]:
        """The updates after a number, in order."""
        return await _AFTER.all(reader, position=position, topic=FACTS, most=most)
