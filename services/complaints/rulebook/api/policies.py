"""Routes of clock policies."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.policy import TAKE_OVER
from services.complaints.rulebook import handlers, queries
from services.complaints.rulebook.domain.calendar import CalendarYearMissing, UnknownCalendar
from services.complaints.rulebook.domain.levels import (
    MISS_ALONE,
    MOST_BEFORE,
    RECIPIENTS,
    LevelAfter,
    LevelBefore,
    Levels,
    LevelsRefused,
    Recipient,
)
from services.complaints.rulebook.domain.policies import (
    AbsurdDuration,
    ClockPolicy,
    NewClockPolicy,
    PolicyNotFound,
    PolicyWithdrawn,
    StartsInThePast,
)
from services.complaints.rulebook.domain.subjects import UnknownSubject
from shared.contracts.complaints import ClockKind
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Code, Duration, Line, Moment, Reason
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "response clocks")


Percent = Annotated[int, Field(description="how much of the time it may take has passed, in per cent")]
Warned = Annotated[
    Recipient,
    Field(description="who is warned: whom the clock concerns unless given; where nobody is, the next above"),
]
Told = Annotated[Recipient, Field(description="who is told; who was told already, or is not there, is skipped")]
Delay = Annotated[
    Duration,
    Field(
        examples=["PT1H"],
        description="how long after the miss, in time of the calendar; who is skipped uses up no time",
    ),
]
Warns = Annotated[Literal["warn"], Field(description="what is done")]
Escalates = Annotated[Literal["escalate"], Field(description="what is done")]
BEFORE = "before the due moment, each later than the one before it; none: nobody is warned"
AFTER = "after the miss, each later and higher than the one before it; the first at once to whom the clock concerns"


class LevelBeforeIn(BaseModel):
    """Somebody is warned before it is due."""

    model_config = ConfigDict(extra="forbid")

    percent: Annotated[Percent, Field(ge=1, le=99), NO_TEXT]
    recipient: Warned = "concerned"
    action: Warns = "warn"


class LevelAfterIn(BaseModel):
    """Somebody is told that it is late."""

    model_config = ConfigDict(extra="forbid")

    delay: Delay
    recipient: Told
    action: Escalates = "escalate"


class LevelsIn(BaseModel):
    """Who hears of what is still to come, or late, and when."""

    model_config = ConfigDict(extra="forbid")

    before: Annotated[list[LevelBeforeIn], Field(max_length=MOST_BEFORE, description=BEFORE)]
    after: Annotated[list[LevelAfterIn], Field(min_length=1, max_length=len(RECIPIENTS), description=AFTER)]

    def levels(self) -> Levels:
        return Levels(
            tuple(LevelBefore(each.percent, each.recipient) for each in self.before),
            tuple(LevelAfter(each.delay, each.recipient) for each in self.after),
        )


class LevelBeforeOut(BaseModel):
    """Who is warned before it is due."""

    model_config = ConfigDict(from_attributes=True)

    percent: Percent
    recipient: Warned
    action: Warns


class LevelAfterOut(BaseModel):
    """Who is told that it is late."""

    model_config = ConfigDict(from_attributes=True)

    delay: Delay
    recipient: Told
    action: Escalates


class LevelsOut(BaseModel):
    """Who hears of what is still to come, or late, and when."""

    model_config = ConfigDict(from_attributes=True)

    before: list[LevelBeforeOut] = Field(description=BEFORE)
    after: list[LevelAfterOut] = Field(description=AFTER)


class ClockPolicyIn(BaseModel):
    """How long an answer, or what else `kind` names, may take; None as tier or subject means any."""

    model_config = ConfigDict(extra="forbid")

    answer_within: Annotated[
        Duration, Field(examples=["PT4H"], description="how long an answer may take, in time of the calendar")
    ]
    tier: Tier | None = None
    subject: Code | None = None
    calendar: Annotated[
        Line | None,
        Field(examples=["working_hours"], description="by which the clock runs: always (day and night) unless said"),
    ] = None
    starts_at: Moment | None = None
    kind: Annotated[
        ClockKind,
        Field(description="for which of a case's clocks it is said: the answer's unless another one is named"),
    ] = "answer"
    levels: Annotated[
        LevelsIn | None,
        Field(
            description="who hears of the clock, and when; unless given: of the answer's whom the case concerns at 50 "
            "and 75 per cent, and after the miss one level an hour; of the others' miss whom it concerns, once"
        ),
    ] = None

    def policy(self) -> NewClockPolicy:
        levels = self.levels.levels() if self.levels is not None else None
        return NewClockPolicy(**{**dict(self), "levels": levels})


class ClockPolicyOut(BaseModel):
    """A version of how long an answer, or what else `kind` names, may take."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    answer_within: Duration
    tier: Tier | None
    subject: str | None
    calendar: str
    starts_at: datetime
    kind: ClockKind
    withdrawn_at: datetime | None = Field(
        description="when it was taken back: it holds for nothing recorded since; null unless it was"
    )
    levels: LevelsOut | None = Field(
        description="who hears of the clock, and when; null where its miss is told once, to whom it concerns"
    )

    @classmethod
    def of(cls, policy: ClockPolicy) -> "ClockPolicyOut":
        shown = cls.model_validate(policy)
        return shown.model_copy(update={"levels": None}) if policy.levels == MISS_ALONE else shown


class WithdrawalIn(BaseModel):
    """Why a policy is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


LATEST_FIRST: Order[ClockPolicy, int] = Order(lambda policy: (policy.version,), int)


@routes.post("/clock-policies", status_code=201)
@raises(AbsurdDuration, CalendarYearMissing, LevelsRefused, StartsInThePast, UnknownCalendar, UnknownSubject)
async def write_clock_policy(
    body: ClockPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> ClockPolicyOut:
    """A new version: it holds for what is recorded after its start and rewrites no clock that runs or has ended.

    Only administration dates one back, for old cases that are still to be taken over.
    """
    policy = await handlers.write_policy(context, body.policy(), by=caller.id, may_date_back=caller.has(*TAKE_OVER))
    response.headers["Location"] = "/complaints/v1/clock-policies"
    return ClockPolicyOut.of(policy)


@routes.post("/clock-policies/{policy_id}/withdrawal")
@raises(PolicyNotFound, PolicyWithdrawn)
async def withdraw_clock_policy(
    policy_id: UUID, body: WithdrawalIn, context: Injected[Context], caller: Caller
) -> ClockPolicyOut:
    """Takes a policy back; what was recorded under it keeps its clock. Who, when and why is kept."""
    return ClockPolicyOut.of(await handlers.withdraw_policy(context, policy_id, body.reason, by=caller.id))


@routes.get("/clock-policies")
async def list_clock_policies(context: Injected[Context], paging: Paging) -> Page[ClockPolicyOut]:
    """Every version, the latest first."""
    read = partial(queries.list_policies, context)
    return await paging.page(LATEST_FIRST, {}, read, ClockPolicyOut.of)
