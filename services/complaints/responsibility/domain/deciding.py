"""What administration says about a penalty, and what follows: money moves by a decision only (domain 3.4, examples 8).

A penalty is decided or waived once; who pays may appeal once, and somebody else than who decided first decides that for
good. What was decided is booked when the time to appeal ends, on appeal at once. What a rule takes back is reversed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.responsibility.domain.bench import Bench, check
from services.complaints.responsibility.domain.penalties import COUNTS, TAKEN_BACK, Penalty, PenaltyState
from services.complaints.responsibility.domain.policies import LEAST, MOST, PenaltyOutOfBounds
from services.complaints.responsibility.domain.shares import Belonging, OwnPenalty
from shared.auth.principal import Principal
from shared.contracts.responsibility import PenaltyReason
from shared.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from shared.money import ZERO
from shared.references import UnknownStaff

EntryKind: TypeAlias = Literal["proposed", "decided", "waived", "appealed", "booked", "withdrawn", "reversed"]


ENDED: Final[tuple[EntryKind, ...]] = ("withdrawn", "reversed")


class PenaltyNotFound(NotFound):
    slug = "penalty-not-found"
    title = "There is no such penalty"


class PenaltyNotOpen(Conflict):
    slug = "penalty-not-open"
    title = "Nothing is to be decided about this penalty"


class PenaltyWithoutPayer(Conflict):
    slug = "penalty-without-payer"
    title = "Nobody pays this penalty yet"


class PayerStands(Conflict):
    slug = "payer-stands"
    title = "Who pays this penalty is known"


class SameDecider(Forbidden):
    slug = "same-decider"
    title = "Who decided first does not decide the appeal"


class DecisionUnclear(Invalid):
    slug = "decision-unclear"
    title = "Either an amount or a waiver is decided"


class NotAPayer(Forbidden):
    slug = "not-a-payer"
    title = "Who pays appeals"


class AppealedBefore(Conflict):
    slug = "appealed-before"
    title = "A penalty is appealed once"


class AppealTooLate(Conflict):
    slug = "appeal-too-late"
    title = "The time to appeal is over"


class NotAppealable(Conflict):
    slug = "not-appealable"
    title = "There is nothing to appeal"


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides about a penalty: an amount in CNY, or None to waive it; and why. `payer_id` is who pays
    what nobody pays yet."""

    amount: Decimal | None
    reason: str
    payer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision; without a refusal it was made."""

    id: UUID
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a penalty; the reason in words is kept sealed. `cause` says why it was taken back."""

    id: UUID
    penalty_id: UUID
    what: EntryKind
    at: datetime
    by: UUID | None
    amount: Decimal | None
    reason: str | None
    cause: PenaltyReason | None = None


def with_proposal(penalty: Penalty, history: list[Entry]) -> list[Entry]:
    """What happened to a penalty, that it was proposed (last) in its place: of what rules propose no entry is kept."""
    if any(each.what == "proposed" for each in history):
        return history
    entry = Entry(penalty.id, penalty.id, "proposed", penalty.proposed_at, None, penalty.rule_amount, None)
    ended = history[-1:] if penalty.state in TAKEN_BACK else []
    earlier = history[: len(history) - len(ended)]
    before = [each for each in earlier if each.at < entry.at or (each.what in ENDED and each.at == entry.at)]
    return [*before, entry, *history[len(before) :]]


def appeal_until(decided_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the last of so many days after the decision, as the company's wall shows it: it is booked then."""
    day = decided_at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone)


def check_decider(
    penalty: Penalty, caller: Principal, payers: Collection[UUID], roles_of_payers: Collection[str], bench: Bench
) -> None:
    """Raises OwnPenalty, asked before the role; SameDecider; Forbidden."""
    if caller.id in payers or caller.id == penalty.person_id:
        raise OwnPenalty("somebody decides it who pays nothing of it")
    deciders = deciders_of(penalty, payers, roles_of_payers, bench)
    if penalty.state is PenaltyState.APPEALED and caller.id == penalty.decided_by:
        raise SameDecider("an appeal is decided by somebody else than who decided first: " + ", ".join(deciders))
    check(caller, deciders, "this penalty")


def deciders_of(
    penalty: Penalty, payers: Collection[UUID], roles_of_payers: Collection[str], bench: Bench
) -> list[str]:
    """The roles that decide a penalty, or its appeal."""
    appealed = penalty.state is PenaltyState.APPEALED
    return bench.deciders(roles_of_payers, without=barred_from(penalty, payers), appealed=appealed)


def barred_from(penalty: Penalty, payers: Collection[UUID]) -> set[UUID | None]:
    """Who pays a penalty, and who decided what was appealed."""
    decided_first = penalty.decided_by if penalty.state is PenaltyState.APPEALED else None
    return {*payers, penalty.person_id, decided_first} - {None}


def check_setter(
    caller: Principal, payers: Collection[UUID | None], roles_of_payers: Collection[str], bench: Bench
) -> None:
    """Raises OwnPenalty for who pays, or is to pay; Forbidden: shares are set by whoever decides."""
    if caller.id in payers:
        raise OwnPenalty("somebody says who pays who pays nothing of it")
    check(caller, bench.deciders(roles_of_payers, without=payers), "who pays this case")


def paid_by(penalty: Penalty, payer_id: UUID, payers: Collection[UUID], people: Mapping[UUID, Belonging]) -> Penalty:
    """The penalty against somebody whom no rule could name, with whom they share it by its rule.

    Raises PayerStands where somebody pays it, UnknownStaff for who is not listed.
    """
    if payers or penalty.person_id is not None:
        raise PayerStands("leave out `payer_id`; put right who pays a case by its shares", pointer="#/payer_id")
    if payer_id not in people:
        raise UnknownStaff("there is no such colleague; check the id", pointer="#/payer_id")
    return replace(penalty, person_id=payer_id, department_id=people[payer_id].department_id)


def check_open(penalty: Penalty) -> None:
    """Raises PenaltyNotOpen unless it is proposed, or appealed."""
    if penalty.state not in (PenaltyState.PROPOSED, PenaltyState.APPEALED):
        raise PenaltyNotOpen(f"it is {penalty.state.value}")


def check_amount(penalty: Penalty, amount: Decimal, of_case: Iterable[Penalty]) -> None:
    """Raises PenaltyOutOfBounds.

    A case's penalty comes to 50 to 500, with what else is decided in the case 500 at most; what the bound has cut may
    be decided as it stands, also at nothing, on appeal too. Missed service comes to what the rule costs at least
    (decisions 22 and 22a).
    """
    as_it_stands = penalty.state in (PenaltyState.PROPOSED, PenaltyState.APPEALED) and amount == penalty.amount
    least = LEAST if penalty.task_id is None else penalty.rule_amount
    left = MOST - sum((each.amount for each in of_case if each.id != penalty.id and each.state in COUNTS), ZERO)
    if not as_it_stands and not least <= amount <= MOST:
        raise PenaltyOutOfBounds(f"it comes to {least} to {MOST}, or is waived", pointer="#/amount")
    if amount > left:
        raise PenaltyOutOfBounds(f"{left} of the {MOST} of this case are left", pointer="#/amount")


def decided(penalty: Penalty, amount: Decimal, by: UUID, at: datetime, until: datetime) -> Penalty:
    """The penalty decided: it may be appealed until a moment, and is booked then; on appeal it is final."""
    on_appeal = penalty.state is PenaltyState.APPEALED
    return replace(
        penalty,
        state=PenaltyState.DECIDED,
        amount=amount,
        decided_by=by,
        decided_at=at,
        appeal_until=None if on_appeal else until,
        on_appeal=on_appeal,
    )


def waived(penalty: Penalty, by: UUID, at: datetime) -> Penalty:
    """The penalty waived, for good."""
    on_appeal = penalty.state is PenaltyState.APPEALED
    return replace(
        penalty,
        state=PenaltyState.WAIVED,
        decided_by=by,
        decided_at=at,
        appeal_until=None,
        on_appeal=on_appeal,
        ended_at=at,
    )


def appealed(penalty: Penalty, by: UUID, payers: Collection[UUID], now: datetime) -> Penalty:
    """The penalty held until it is decided anew.

    Raises NotAPayer, AppealedBefore, NotAppealable, AppealTooLate: at the moment in which the time ends it is over.
    """
    if by not in payers:
        raise NotAPayer("only who pays a share of it appeals")
    if penalty.appealed_at is not None:
        raise AppealedBefore("what was decided on appeal is final")
    if penalty.state is not PenaltyState.DECIDED:
        raise NotAppealable(f"it is {penalty.state.value}")
    if penalty.booked_at is not None or penalty.appeal_until is None or now >= penalty.appeal_until:
        raise AppealTooLate("it has been booked or is about to be")
    return replace(penalty, state=PenaltyState.APPEALED, appealed_by=by, appealed_at=now)


def due(penalty: Penalty) -> datetime | None:
    """When it is booked: None for what is not decided, or booked already."""
    if penalty.state is not PenaltyState.DECIDED or penalty.booked_at is not None:
        return None
    return penalty.appeal_until or penalty.decided_at


def booked(penalty: Penalty, at: datetime) -> Penalty:
    return replace(penalty, booked_at=at)
