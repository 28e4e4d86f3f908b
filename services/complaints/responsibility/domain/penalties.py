"""Penalties: proposed by rule, once for a case and round or a missed task, bounded for a case (decisions 22 and 22a),
or by the scheme of a department.

A proposal moves no money: administration decides. What it rests on can fall away; then it is withdrawn with the reason,
and comes back when it rests on something again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.responsibility.domain.policies import MOST, CaseRule, PenaltyPolicy
from shared.contracts.complaints import CaseKind
from shared.contracts.responsibility import PenaltyReason, PenaltyRule
from shared.money import ZERO
from shared.months import Month


class PenaltyState(StrEnum):
    """How a penalty stands; rules propose and withdraw, people do the rest."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    WAIVED = "waived"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


PAID_BY_THE_ACCOUNTABLE: Final[tuple[CaseRule, ...]] = ("dissatisfied", "repeat", "not_executed", "other")
UNANSWERED: Final[CaseRule] = "unanswered"
PAID_BY_THE_MANAGER: Final[tuple[CaseRule, ...]] = ("not_accepted", "steps_not_followed")
"""By the customer-service manager alone; an unanswered case is paid by whom the breach told first."""
WITHOUT_PENALTY: Final[tuple[CaseKind, ...]] = ("suggestion", "enquiry")
COUNTS: Final = (PenaltyState.DECIDED, PenaltyState.APPEALED)
TAKEN_BACK: Final = (PenaltyState.WITHDRAWN, PenaltyState.REVERSED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that a case broke at a moment; who pays and how much follows from the rule.

    `told_id` is who was told of it then, if anybody: the case may have changed hands since.
    """

    complaint_id: UUID
    round: int
    rule: CaseRule
    at: datetime
    told_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A rule that a case has not broken after all."""

    complaint_id: UUID
    round: int
    rule: CaseRule
    reason: PenaltyReason


@dataclass(frozen=True, slots=True)
class Basis:
    """What a penalty needs to know of its case, which is held."""

    id: UUID
    kind: CaseKind
    taken_over: bool
    registered_at: datetime
    customer_id: UUID | None
    accountable_id: UUID | None
    valid: bool | None
    good_faith: bool | None

    @property
    def counts(self) -> bool:
        """Unless it was judged not valid, or malicious (domain 3.2)."""
        return self.valid is not False and self.good_faith is not False

    def silent(self, at: datetime) -> bool:
        """Nothing is proposed for what lies before a takeover (decisions 5 and 15), and suggestions and enquiries have
        no penalty (domain 3.1)."""
        return self.kind in WITHOUT_PENALTY or (self.taken_over and at < self.registered_at)

    def excuses(self, rule: CaseRule) -> bool:
        """The customer-service manager does not pay for internal cases that nobody accepts: administration accepts them
        (domain 3.6)."""
        return self.kind == "internal" and rule == "not_accepted"


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a penalty is against, and their department at that time."""

    person_id: UUID
    department_id: UUID | None


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty by one rule, of a case's round or of a missed task, or by a department's scheme. `rule_amount` is what
    the rule costs, `amount` what the case's bound leaves of it, or what was decided; `month` counts as `Month.ordinal`,
    in the company's zone.

    `fund_id` is the department whose scheme it is by, `violation` what that scheme calls it; None for all others.

    `appeal_until` is when it is booked unless somebody appeals; None before it is decided, and on appeal.
    """

    id: UUID
    version: int
    complaint_id: UUID | None
    task_id: UUID | None
    round: int
    rule: PenaltyRule
    state: PenaltyState
    amount: Decimal
    rule_amount: Decimal
    person_id: UUID | None
    department_id: UUID | None
    policy_version: int
    month: int
    at: datetime
    proposed_at: datetime
    ended_at: datetime | None
    reason: PenaltyReason | None
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    appeal_until: datetime | None = None
    appealed_by: UUID | None = None
    appealed_at: datetime | None = None
    on_appeal: bool = False
    booked_at: datetime | None = None
    fund_id: UUID | None = None
    violation: str | None = None
    scheme_version: int | None = None

    @property
    def place(self) -> tuple[int, str]:
        """Once for a case, round and rule."""
        return self.round, self.rule


@dataclass(frozen=True, slots=True)
class Terms:
    """By what proposals are made: the policies, the company's zone, now."""

    policies: Sequence[PenaltyPolicy]
    zone: ZoneInfo
    now: datetime


def proposed(id_: UUID, proposal: Proposal, payer: Payer | None, policy: PenaltyPolicy, terms: Terms) -> Penalty:
    """The penalty of a proposal, not bounded yet."""
    amount = policy.amounts[proposal.rule]
    return Penalty(
        id=id_,
        version=0,
        complaint_id=proposal.complaint_id,
        task_id=None,
        round=proposal.round,
        rule=proposal.rule,
        state=PenaltyState.PROPOSED,
        amount=amount,
        rule_amount=amount,
        person_id=payer.person_id if payer else None,
        department_id=payer.department_id if payer else None,
        policy_version=policy.version,
        month=Month.of(proposal.at, terms.zone).ordinal,
        at=proposal.at,
        proposed_at=terms.now,
        ended_at=None,
        reason=None,
    )


def with_proposal(standing: Sequence[Penalty], new: Penalty) -> list[Penalty]:
    """A case's penalties with one more; what is there already stays, what was taken back is proposed again."""
    before = next((each for each in standing if each.place == new.place), None)
    if before is None:
        return [*standing, new]
    if before.state not in TAKEN_BACK:
        return list(standing)
    again = replace(_judged_as(before, new), id=before.id, version=before.version)
    return [again if each is before else each for each in standing]


def _judged_as(before: Penalty, new: Penalty) -> Penalty:
    """What rests on the same moment as before costs what it did: a version that was written since, for a start that
    lies in the past, does not change what an earlier one judged (decision 22c)."""
    if new.at != before.at:
        return new
    return replace(new, amount=before.rule_amount, rule_amount=before.rule_amount, policy_version=before.policy_version)


def without(standing: Sequence[Penalty], withdrawal: Withdrawal, now: datetime) -> list[Penalty]:
    """A case's penalties without one: what is proposed is withdrawn, what was decided reversed; waived ones stay."""
    return [
        taken_back(each, withdrawal.reason, now) if each.place == (withdrawal.round, withdrawal.rule) else each
        for each in standing
    ]


def taken_back(penalty: Penalty, reason: PenaltyReason, now: datetime) -> Penalty:
    """A penalty that holds no longer: withdrawn where it was proposed, reversed where it was decided or appealed."""
    if penalty.state is PenaltyState.PROPOSED:
        return replace(penalty, state=PenaltyState.WITHDRAWN, ended_at=now, reason=reason)
    if penalty.state in COUNTS:
        return replace(penalty, state=PenaltyState.REVERSED, ended_at=now, reason=reason)
    return penalty


def paid_by(standing: Sequence[Penalty], payer: Payer | None, *, anew: bool) -> list[Penalty]:
    """A case's penalties with what is proposed against whom the case is against at their name.

    A notice names who pays where nobody did. `anew` of a case that was against somebody else by mistake: nothing of it
    is theirs.
    """
    person_id, department_id = (payer.person_id, payer.department_id) if payer is not None else (None, None)
    return [
        replace(each, person_id=person_id, department_id=department_id)
        if each.state is PenaltyState.PROPOSED
        and each.rule in PAID_BY_THE_ACCOUNTABLE
        and (each.person_id is None or (anew and each.person_id != person_id))
        else each
        for each in standing
    ]


def of_another(penalty: Penalty, accountable_id: UUID | None, told: Mapping[int, UUID | None]) -> bool:
    """Whether it was decided against whom the case is against no longer, or waived for them, except for a repeat, which
    is counted anew elsewhere. `told` is whom the miss of each round was told by right."""
    if penalty.rule == UNANSWERED:
        by_mistake = penalty.round in told and penalty.person_id != told[penalty.round]
    else:
        by_mistake = penalty.person_id != accountable_id and penalty.rule in PAID_BY_THE_ACCOUNTABLE
    waived = penalty.state is PenaltyState.WAIVED and penalty.rule != "repeat" and penalty.person_id is not None
    return by_mistake and (penalty.state in COUNTS or waived)


def told_anew(standing: Sequence[Penalty], told: Mapping[int, Payer | None]) -> list[Penalty]:
    """A case's penalties, its proposals for missing answers at the names of whom these were told by right."""

    def renamed(each: Penalty) -> Penalty:
        if each.round not in told or each.rule != UNANSWERED or each.state is not PenaltyState.PROPOSED:
            return each
        payer = told[each.round]
        person_id, department_id = (payer.person_id, payer.department_id) if payer is not None else (None, None)
        return replace(each, person_id=person_id, department_id=department_id)

    return [renamed(each) for each in standing]


def proposed_again(penalty: Penalty, now: datetime) -> Penalty:
    """A penalty of a case that was reversed or waived, as if nobody had decided it: somebody else broke the rule."""
    return replace(
        penalty,
        state=PenaltyState.PROPOSED,
        amount=penalty.rule_amount,
        proposed_at=now,
        ended_at=None,
        reason=None,
        decided_by=None,
        decided_at=None,
        appeal_until=None,
        appealed_by=None,
        appealed_at=None,
        on_appeal=False,
        booked_at=None,
    )


def bounded(standing: Iterable[Penalty]) -> list[Penalty]:
    """A case's penalties within the bound of 500 for all of them: the latest proposal is cut, to nothing if need be.

    When an earlier one goes, what was cut of a later one comes back.
    """
    penalties = sorted(standing, key=lambda each: (each.proposed_at, each.id))
    left = MOST - sum((each.amount for each in penalties if each.state in COUNTS), ZERO)
    result = []
    for each in penalties:
        if each.state is PenaltyState.PROPOSED:
            amount = max(ZERO, min(each.rule_amount, left))
            left -= amount
            result.append(replace(each, amount=amount))
        else:
            result.append(each)
    return result


def changed(before: Iterable[Penalty], after: Iterable[Penalty]) -> list[Penalty]:
    """What differs, each in its next version."""
    known: Mapping[UUID, Penalty] = {each.id: each for each in before}
    return [replace(each, version=each.version + 1) for each in after if known.get(each.id) != each]
