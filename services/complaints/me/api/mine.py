"""Routes of what somebody has to do: now, and as it changes."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse

from services.complaints.commitments.api import CommitmentOut
from services.complaints.context import Context
from services.complaints.faults.api import FaultOut
from services.complaints.funds.api.funds import FundWithdrawalOut
from services.complaints.ledger.api import BookingOut
from services.complaints.lists.api import ListedCaseOut
from services.complaints.me import queries
from services.complaints.me.domain import DueKind
from services.complaints.payroll.api.statements import StatementOut
from services.complaints.responsibility.api.penalties import PenaltyOut
from services.complaints.rewards.api.rewards import RewardOut
from shared.auth.principal import ADMINISTRATION
from shared.contracts.settlements import ApprovalMatter
from shared.errors import Malformed
from shared.http.answers import json_answer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.live import DESCRIBED, After, LastEventId, followed
from shared.http.routing import Caller, StillHere, router
from shared.live.updates import TooManyFollowers, TooManyStreams
from shared.money import Money

routes = router("/complaints/v1", "me")


class DeadlineOut(BaseModel):
    """Until when something is due."""

    model_config = ConfigDict(from_attributes=True)

    complaint_id: UUID
    number: str
    kind: DueKind = Field(description="what is due")
    due_at: datetime = Field(description="until when")
    overdue: bool = Field(description="whether it is late")


class MyNoticeOut(BaseModel):
    """A notice to the caller that stands; its words are in the list of the case."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the notice (UUIDv7)")
    number: str = Field(description="the number of the notice")
    complaint_id: UUID
    complaint_number: str = Field(description="the number of the case")
    deadline: datetime
    issued_at: datetime
    acknowledged_at: datetime | None
    overdue: bool = Field(description="whether its deadline is over")


class MyApprovalOut(BaseModel):
    """A solution, or something to be given, that awaits the caller's word."""

    model_config = ConfigDict(from_attributes=True)

    matter: ApprovalMatter = Field(description="what awaits it: a solution, or something to be given")
    complaint_id: UUID
    complaint_number: str = Field(description="the number of the case")
    compensation_id: UUID | None = Field(description="what is to be given; null for a solution")
    cost: Money | None = Field(description="CNY: what that costs; null for a solution")
    asked_at: datetime = Field(description="since when it awaits somebody's word")
    asked_by: UUID = Field(description="the staff member whose solution it is, or who wants to give it")


class MeOut(BaseModel):
    """What somebody has to do."""

    cases: list[ListedCaseOut] = Field(
        description="those that the caller handles: by what is left on the clock, then those that wait for their end"
    )
    accountable_for: list[ListedCaseOut] = Field(description="those that are against the caller, the oldest first")
    notices: list[MyNoticeOut] = Field(
        description="the notices to the caller about cases that are not closed, the earliest deadline first; a hundred"
    )
    approvals: list[MyApprovalOut] = Field(
        description="what awaits the caller's word, the longest waiting first, up to a hundred; gone once it is decided"
    )
    deadlines: list[DeadlineOut] = Field(
        description="what is due when: in cases they handle, to execute in those against them, by notices; of "
        "administration also until when internal cases are to be accepted"
    )
    penalties: list[PenaltyOut] = Field(description="what the caller is to pay, the latest first, up to a hundred")
    decisions: list[PenaltyOut] = Field(
        description="penalties and appeals that the caller may decide, the longest waiting first, up to a hundred"
    )
    rewards: list[RewardOut] = Field(
        description="rewards of the caller, alone or in a team, whatever became of them, the latest first; a hundred"
    )
    agreements: list[FundWithdrawalOut] = Field(
        description="what was asked of the fund of the caller's department and awaits their word, the longest first"
    )
    statements: list[StatementOut] = Field(
        description="the caller's statements of closed months that are not signed as they stand, the latest first"
    )
    faults: list[FaultOut] = Field(
        description="notices of fault to the caller and what was decided that they cost, the latest first, a hundred"
    )
    bookings: list[BookingOut] = Field(description="what was booked on the caller, the latest first; up to a hundred")
    commitments: list[CommitmentOut] = Field(
        description="what the caller promised customers and has not done, the earliest due first; up to a hundred"
    )
    confirmations: list[CommitmentOut] = Field(
        description="promises outside the rules of which the caller's word is awaited: those `asked`, which they are "
        "to confirm or deny, and those `insisted` on, about which they are to reach an understanding; up to a hundred"
    )


@routes.get("/me", response_model=MeOut)
async def read_me(context: Injected[Context], caller: Caller) -> Response:
    """The caller's cases that are not closed, up to a hundred of each kind: those they handle, those against them, the
    notices to them, what awaits their word, and what is due when, with the penalties that were proposed against them,
    the latest first, their rewards, statements to be signed, what they promised customers and have not done, and what
    they are to confirm."""
    handled = await queries.handled(context, caller.id)
    answered_for = await queries.answered_for(context, caller.id)
    notices = await queries.notices_to(context, caller.id)
    asked = await queries.approvals(context, caller.id)
    to_accept = await queries.to_accept(context, caller.id) if caller.has(ADMINISTRATION) else []
    deadlines = await queries.deadlines_of(context, handled, answered_for, notices, to_accept)
    penalties = [PenaltyOut.of(each).model_dump(mode="json") for each in await queries.penalties(context, caller.id)]
    decisions = [PenaltyOut.of(each).model_dump(mode="json") for each in await queries.decisions(context, caller)]
    rewards = [RewardOut.of(each).model_dump(mode="json") for each in await queries.rewards(context, caller.id)]
    asked_of_fund = await queries.agreements(context, caller.id)
    agreements = [FundWithdrawalOut.of(each).model_dump(mode="json") for each in asked_of_fund]
    unsigned = [StatementOut.of(each).model_dump(mode="json") for each in await queries.statements(context, caller.id)]
    promised = await queries.commitments(context, caller.id)
    to_confirm = await queries.confirmations(context, caller.id)
    return json_answer(
        {
            "cases": handled,
            "accountable_for": answered_for,
            "notices": notices,
            "approvals": [MyApprovalOut.model_validate(each).model_dump(mode="json") for each in asked],
            "deadlines": deadlines,
            "penalties": penalties,
            "decisions": decisions,
            "rewards": rewards,
            "agreements": agreements,
            "statements": unsigned,
            "faults": [FaultOut.of(each).model_dump(mode="json") for each in await queries.faults(context, caller.id)],
            "bookings": [
                BookingOut.of(each).model_dump(mode="json") for each in await queries.bookings(context, caller.id)
            ],
            "commitments": [CommitmentOut.of(each).model_dump(mode="json") for each in promised],
            "confirmations": [CommitmentOut.of(each).model_dump(mode="json") for each in to_confirm],
        }
    )


@routes.get("/me/live", response_class=EventSourceResponse, responses=DESCRIBED)
@raises(Malformed, TooManyFollowers, TooManyStreams)
async def follow_me(
    context: Injected[Context],
    caller: Caller,
    still_here: StillHere,
    last_event_id: LastEventId = None,
    after: After = None,
) -> EventSourceResponse:
    """What happens to the cases that the caller handles or answers for, and what names them; ids and figures only."""
    return await followed(context.live, caller.id, still_here, last_event_id, after)
