"""Cases and rounds in the database. Events of one case come in order, so a later one simply goes over the earlier."""

from collections.abc import Hashable, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, false, func, null, or_
from sqlmodel import col

from services.reporting.complaints.domain import LEVEL_OF_BREACH, STATE_AFTER
from services.reporting.complaints.tables import CompensationRow, ComplaintRow, RoundRow
from shared.contracts import complaints, settlements
from shared.contracts.base import CaseFact
from shared.db import Connection
from shared.months import Month
from shared.projection import latest
from shared.statement import Statement, by_column, excluded, insert_many, table, upsert_many

Begun: TypeAlias = complaints.ComplaintOpened | complaints.ComplaintReopened
Assigned: TypeAlias = complaints.ComplaintAssigned | complaints.ComplaintReopened
Given: TypeAlias = settlements.CompensationGranted | settlements.CompensationWithdrawn
Stopped: TypeAlias = complaints.ComplaintAnswered | complaints.ComplaintResolved

_NEW = excluded(ComplaintRow)
_LEVEL = col(ComplaintRow.escalation_level)
_UNREACHED = col(ComplaintRow.unreached)
_KEY = ("complaint_id", "round")


def _first(*names: str) -> dict[str, object]:
    """What a round keeps of what it has been told first."""
    return {name: func.coalesce(table(RoundRow).c[name], excluded(RoundRow)[name]) for name in names}


_KEEP = Statement(
    upsert_many(
        ComplaintRow, "id", "customer_id", "number", "kind", "subject", "against_type", "against_id", "channel", "tier",
        "responsible_id", "accountable_id", "taken_over", "opened_at",
    )
)  # fmt: skip
_MOVE = Statement(
    insert_many(ComplaintRow, "id", "customer_id", "state", "round", ordered_by=("id",)).on_conflict_do_update(
        index_elements=["id"],
        set_={
            "state": _NEW.state,
            "round": _NEW.round,
            "escalation_level": case((_NEW.round > col(ComplaintRow.round), 0), else_=_LEVEL),
            "unreached": and_(_UNREACHED, _NEW.round <= col(ComplaintRow.round)),
        },
    )
)
_ASSIGN = Statement(
    insert_many(ComplaintRow, "id", "customer_id", "round", "responsible_id", ordered_by=("id",)).on_conflict_do_update(
        index_elements=["id"], set_={"responsible_id": _NEW.responsible_id, "unreached": false()}
    )
)
_NOTICE = Statement(
    upsert_many(
        ComplaintRow, "id", "customer_id", "round", "accountable_id", "notice_number", "notice_deadline",
        keep={"round": col(ComplaintRow.round), "notice_acknowledged_at": null(), "unreached": false()},
    )
)  # fmt: skip
_ACKNOWLEDGE = Statement(
    upsert_many(
        ComplaintRow, "id", "customer_id", "round", "notice_acknowledged_at", keep={"round": col(ComplaintRow.round)}
    )
)
_ESCALATE = Statement(
    insert_many(
        ComplaintRow, "id", "customer_id", "round", "escalation_level", "unreached", ordered_by=("id",)
    ).on_conflict_do_update(
        index_elements=["id"],
        set_={
            "escalation_level": func.greatest(_LEVEL, _NEW.escalation_level),
            "unreached": or_(_UNREACHED, _NEW.unreached),
        },
    )
)
_REPEAT = Statement(
    insert_many(ComplaintRow, "id", "customer_id", "round", "repeat_count", ordered_by=("id",)).on_conflict_do_update(
        index_elements=["id"], set_={"repeat_count": _NEW.repeat_count}
    )
)
_CORRECT = Statement(
    upsert_many(
        ComplaintRow, "id", "customer_id", "number", "kind", "subject", "against_type", "against_id", "tier",
        "accountable_id",
    )
)  # fmt: skip
_BEGIN = Statement(upsert_many(RoundRow, *_KEY, "month", "began_at", "due_at", key=_KEY))
_STOP = Statement(upsert_many(RoundRow, *_KEY, "stopped_at", "in_time", key=_KEY, keep=_first("stopped_at", "in_time")))
_ACCEPT = Statement(upsert_many(RoundRow, *_KEY, "accepted_at", key=_KEY, keep=_first("accepted_at")))
_MISS_ACCEPTING = Statement(
    upsert_many(RoundRow, *_KEY, "accepting_missed_at", key=_KEY, keep=_first("accepting_missed_at"))
)
_RATE = Statement(upsert_many(RoundRow, *_KEY, "perceived", "expected", key=_KEY))
_BREACH = Statement(upsert_many(RoundRow, *_KEY, "due_at", "breached_at", key=_KEY, keep=_first("breached_at")))
_PAUSE = Statement(upsert_many(RoundRow, *_KEY, "due_at", "paused_until", "due_after_pause", key=_KEY))
_RESUME = Statement(upsert_many(RoundRow, *_KEY, "due_at", key=_KEY))

_COMPENSATED = ("id", "complaint_id", "month", "kind", "cost", "withdrawn")
_COMPENSATE = Statement(upsert_many(CompensationRow, *_COMPENSATED, keep={"month": table(CompensationRow).c.month}))
"""What is withdrawn later leaves the month in which it was granted."""


async def keep_cases(transaction: Connection, facts: Sequence[complaints.ComplaintOpened]) -> None:
    await _KEEP.execute(transaction, **by_column(map(_opened, latest(facts, _case))))


def _opened(fact: complaints.ComplaintOpened) -> dict[str, object]:
    return {
        "id": fact.complaint_id,
        "customer_id": fact.customer_id,
        "number": fact.number,
        "kind": fact.kind,
        "subject": fact.subject,
        "against_type": fact.against_type,
        "against_id": fact.against_id,
        "channel": fact.channel,
        "tier": fact.tier,
        "responsible_id": fact.responsible_id,
        "accountable_id": fact.accountable_id,
        "taken_over": fact.taken_over,
        "opened_at": fact.at,
    }


async def move(transaction: Connection, facts: Sequence[CaseFact]) -> None:
    """Puts cases into the state that the fact leaves them in, in its round; a new one starts at the foot of the chain.

    Raises KeyError for a fact that STATE_AFTER does not name.
    """
    rows = ({**_of_case(fact), "state": STATE_AFTER[type(fact)]} for fact in latest(facts, _case))
    await _MOVE.execute(transaction, **by_column(rows))


async def assign(transaction: Connection, facts: Sequence[Assigned]) -> None:
    """Keeps who is responsible now."""
    rows = ({**_of_case(fact), "responsible_id": fact.responsible_id} for fact in latest(facts, _case))
    await _ASSIGN.execute(transaction, **by_column(rows))


async def correct(transaction: Connection, facts: Sequence[complaints.ComplaintCorrected]) -> None:
    await _CORRECT.execute(transaction, **by_column(map(_corrected, latest(facts, _case))))


def _corrected(fact: complaints.ComplaintCorrected) -> dict[str, object]:
    return {
        "id": fact.complaint_id,
        "customer_id": fact.customer_id,
        "number": fact.number,
        "kind": fact.kind,
        "subject": fact.subject,
        "against_type": fact.against_type,
        "against_id": fact.against_id,
        "tier": fact.tier,
        "accountable_id": fact.accountable_id,
    }


async def repeat(transaction: Connection, facts: Sequence[complaints.ComplaintRepeated]) -> None:
    """Keeps the how-manieth of their kind in the month cases are."""
    rows = ({**_of_case(fact), "repeat_count": fact.count} for fact in latest(facts, _case))
    await _REPEAT.execute(transaction, **by_column(rows))


async def notice(transaction: Connection, facts: Sequence[complaints.ComplaintNoticed]) -> None:
    """Keeps who is accountable now, and the notice that stands."""
    rows = (
        {
            **_of_case(fact),
            "accountable_id": fact.to_id,
            "notice_number": fact.number,
            "notice_deadline": fact.deadline,
        }
        for fact in latest(facts, _case)
    )
    await _NOTICE.execute(transaction, **by_column(rows))


async def acknowledge(transaction: Connection, facts: Sequence[complaints.ComplaintNoticeAcknowledged]) -> None:
    """Keeps when the notice that stands was acknowledged."""
    rows = ({**_of_case(fact), "notice_acknowledged_at": fact.at} for fact in latest(facts, _case))
    await _ACKNOWLEDGE.execute(transaction, **by_column(rows))


async def escalate(transaction: Connection, facts: Sequence[complaints.ComplaintEscalated]) -> None:
    """Raises cases to the fact's level of the chain, if they are not above it already; told to nobody it alarms."""
    rows = (
        {**_of_case(fact), "escalation_level": fact.level, "unreached": fact.staff_id is None}
        for fact in latest(facts, _case)
    )
    await _ESCALATE.execute(transaction, **by_column(rows))


async def begin(transaction: Connection, facts: Sequence[Begun], zone: ZoneInfo) -> None:
    """Begins rounds, each in its month in the company's zone."""
    await _BEGIN.execute(transaction, **by_column(_begun(fact, zone) for fact in latest(facts, _round)))


def _begun(fact: Begun, zone: ZoneInfo) -> dict[str, object]:
    month = str(Month.of(fact.at, zone))
    return {**_of_round(fact), "month": month, "began_at": fact.at, "due_at": fact.answer_due_at}


async def stop(transaction: Connection, facts: Sequence[Stopped]) -> None:
    """Stops clocks; the first stop of a round holds."""
    rows = ({**_of_round(fact), "stopped_at": fact.at, "in_time": fact.in_time} for fact in latest(facts, _round))
    await _STOP.execute(transaction, **by_column(rows))


async def accept(
    transaction: Connection, facts: Sequence[complaints.ComplaintAccepted | complaints.ComplaintOpened]
) -> None:
    """Notes that cases were taken; whoever took one first has taken it."""
    rows = ({**_of_round(fact), "accepted_at": fact.at} for fact in latest(facts, _round))
    await _ACCEPT.execute(transaction, **by_column(rows))


async def miss_accepting(transaction: Connection, facts: Sequence[complaints.ComplaintClockMissed]) -> None:
    """Notes when the time to take cases was over."""
    rows = ({**_of_round(fact), "accepting_missed_at": fact.due_at} for fact in latest(facts, _round))
    await _MISS_ACCEPTING.execute(transaction, **by_column(rows))


async def rate(transaction: Connection, facts: Sequence[complaints.ComplaintSatisfactionGiven]) -> None:
    """Keeps how satisfied complainants are with rounds."""
    rows = (
        {**_of_round(fact), "perceived": fact.perceived, "expected": fact.expected} for fact in latest(facts, _round)
    )
    await _RATE.execute(transaction, **by_column(rows))


async def breach(transaction: Connection, facts: Sequence[complaints.ComplaintOverdue]) -> None:
    """Notes when rounds became late, and raises their cases to the first level of the chain."""
    rounds = ({**_of_round(fact), "due_at": fact.due_at, "breached_at": fact.due_at} for fact in latest(facts, _round))
    await _BREACH.execute(transaction, **by_column(rounds))
    cases = (
        {**_of_case(fact), "escalation_level": LEVEL_OF_BREACH, "unreached": False} for fact in latest(facts, _case)
    )
    await _ESCALATE.execute(transaction, **by_column(cases))


async def pause(transaction: Connection, facts: Sequence[complaints.ComplaintPaused]) -> None:
    """Stops clocks until the pause's longest end, with what is due if it lasts so long."""
    rows = (
        {**_of_round(fact), "due_at": None, "paused_until": fact.until, "due_after_pause": fact.due_after_pause}
        for fact in latest(facts, _round)
    )
    await _PAUSE.execute(transaction, **by_column(rows))


async def resume(transaction: Connection, facts: Sequence[complaints.ComplaintResumed]) -> None:
    rows = ({**_of_round(fact), "due_at": fact.answer_due_at} for fact in latest(facts, _round))
    await _RESUME.execute(transaction, **by_column(rows))


async def recalculate(transaction: Connection, facts: Sequence[complaints.ComplaintClockRecalculated]) -> None:
    """Gives rounds the due moment that administration gave their answer."""
    rows = ({**_of_round(fact), "due_at": fact.due_at} for fact in latest(facts, _round))
    await _RESUME.execute(transaction, **by_column(rows))


async def compensate(transaction: Connection, facts: Sequence[Given], zone: ZoneInfo, *, withdrawn: bool) -> None:
    """Keeps what was given, or that it was not given after all."""
    rows = (
        {
            "id": fact.compensation_id,
            "complaint_id": fact.complaint_id,
            "month": str(Month.of(fact.at, zone)),
            "kind": fact.kind,
            "cost": fact.cost,
            "withdrawn": withdrawn,
        }
        for fact in latest(facts, _compensation)
    )
    await _COMPENSATE.execute(transaction, **by_column(rows))


def _compensation(fact: Given) -> Hashable:
    return fact.compensation_id


def _of_case(fact: CaseFact) -> dict[str, object]:
    return {"id": fact.complaint_id, "customer_id": fact.customer_id, "round": fact.round}


def _of_round(fact: CaseFact) -> dict[str, object]:
    return {"complaint_id": fact.complaint_id, "round": fact.round}


def _case(fact: CaseFact) -> Hashable:
    return fact.complaint_id


def _round(fact: CaseFact) -> Hashable:
    return fact.complaint_id, fact.round
