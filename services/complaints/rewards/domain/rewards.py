"""Rewards of 50 to 500 for persons and teams with excellent service (domain 3.4): proposed, decided, booked.

The amount is what each of them is paid. No money moves until administration has decided, and whoever is rewarded
decides nothing about it. What was granted by mistake is booked against, once, and stays to be seen (decision 21).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.complaints.responsibility.domain.bench import Bench, check
from shared.auth.principal import Principal
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.months import Month

LEAST: Final = Decimal("50.00")
MOST: Final = Decimal("500.00")
"""What one person is paid by one reward, CNY (domain 3.4)."""
MOST_REWARDED: Final = 200
"""Persons of one reward."""
MONTHS_BACK: Final = 12
"""The running month is rewarded, and this many before it."""


class RewardNotFound(NotFound):
    slug = "reward-not-found"
    title = "There is no such reward"


class RewardNotOpen(Conflict):
    slug = "reward-not-open"
    title = "Nothing is to be decided about this reward"


class RewardNotGranted(Conflict):
    slug = "reward-not-granted"
    title = "Only what was granted is taken back"


class RewardOutOfBounds(Invalid):
    slug = "reward-out-of-bounds"
    title = "A reward lies between 50 and 500 for each person"


class RewardMonthAhead(Invalid):
    slug = "reward-month-ahead"
    title = "A month that has not begun is not rewarded"


class RewardMonthPast(Invalid):
    slug = "reward-month-past"
    title = "A month that is over a year ago is not rewarded"


class OwnReward(Forbidden):
    slug = "own-reward"
    title = "Nobody proposes or decides their own reward"


class RewardState(StrEnum):
    """How a reward stands."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    WAIVED = "waived"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class NewReward:
    """A reward that somebody proposes: the same amount, CNY, for each person; `month` None means the running one."""

    staff_ids: Sequence[UUID]
    amount: Decimal
    reason: str
    month: Month | None
    complaint_id: UUID | None


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward of one person or a team, for service in a month (`Month.ordinal`); `amount` is CNY for each person.

    `version` counts what was told of it: 0 until it is granted.
    """

    id: UUID
    version: int
    state: RewardState
    staff_ids: Sequence[UUID]
    amount: Decimal
    month: int
    complaint_id: UUID | None
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    reversed_by: UUID | None = None
    reversed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RewardEntry:
    """What happened to a reward; the reason in words is kept sealed."""

    id: UUID
    reward_id: UUID
    what: RewardState
    at: datetime
    by: UUID
    amount: Decimal
    reason: str


def check_amount(amount: Decimal) -> None:
    """Raises RewardOutOfBounds."""
    if not LEAST <= amount <= MOST:
        raise RewardOutOfBounds(f"each person is paid {LEAST} to {MOST}", pointer="#/amount")


def proposed(id_: UUID, new: NewReward, by: UUID, now: datetime, running: Month) -> Reward:
    """The reward as it is proposed; who is named twice is rewarded once.

    Raises RewardOutOfBounds, RewardMonthAhead, RewardMonthPast, OwnReward.
    """
    check_amount(new.amount)
    month = new.month or running
    if month > running:
        raise RewardMonthAhead(f"{running} is the latest month", pointer="#/month")
    if month < (earliest := running.plus(-MONTHS_BACK)):
        raise RewardMonthPast(f"{earliest} is the earliest month", pointer="#/month")
    if by in new.staff_ids:
        raise OwnReward("somebody else proposes it")
    return Reward(
        id=id_,
        version=0,
        state=RewardState.PROPOSED,
        staff_ids=list(dict.fromkeys(new.staff_ids)),
        amount=new.amount,
        month=month.ordinal,
        complaint_id=new.complaint_id,
        proposed_by=by,
        proposed_at=now,
    )


def check_decider(reward: Reward, caller: Principal, roles_of_rewarded: Collection[str], bench: Bench) -> None:
    """Raises OwnReward, asked before the role; Forbidden.

    Administration decides, the general manager where somebody of administration is rewarded, then whoever is not.
    """
    if caller.id in reward.staff_ids:
        raise OwnReward("somebody decides it who is not rewarded by it")
    check(caller, bench.deciders(roles_of_rewarded, without=reward.staff_ids), "this reward")


def decided(reward: Reward, amount: Decimal | None, by: UUID, at: datetime) -> Reward:
    """The reward granted with an amount for each person, or waived for good.

    Raises RewardNotOpen, RewardOutOfBounds.
    """
    if reward.state is not RewardState.PROPOSED:
        raise RewardNotOpen(f"it is {reward.state.value}")
    if amount is None:
        return replace(reward, state=RewardState.WAIVED, decided_by=by, decided_at=at)
    check_amount(amount)
    return replace(
        reward, state=RewardState.GRANTED, amount=amount, decided_by=by, decided_at=at, version=reward.version + 1
    )


def taken_back(reward: Reward, by: UUID, at: datetime) -> Reward:
    """The reward that was granted by mistake. Raises RewardNotGranted."""
    if reward.state is not RewardState.GRANTED:
        raise RewardNotGranted(f"it is {reward.state.value}")
    return replace(reward, state=RewardState.REVERSED, reversed_by=by, reversed_at=at, version=reward.version + 1)
