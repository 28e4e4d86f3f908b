"""Missed service as money (domain 4.1, examples 12): who pays for a task that was missed, and how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.complaints.responsibility.domain.penalties import Payer, Penalty, PenaltyState, Terms, taken_back
from services.complaints.responsibility.domain.policies import Priced, policy_at
from shared.contracts.care import Contact
from shared.months import Month

RuleOfService: TypeAlias = Literal["missed_visit", "missed_call"]
RULES: Final[Mapping[Contact, RuleOfService]] = {
    "stay": "missed_visit",
    "visit": "missed_visit",
    "phone": "missed_call",
}
"""By the kind of contact; a missed message costs nothing."""
OWED: Final = "obligation"
"""The kind of task that the matrix asks for: only these cost money when they are missed (domain 4.1)."""
_OWN: Final[Mapping[RuleOfService, Priced]] = {"missed_visit": "own_missed_visit", "missed_call": "own_missed_call"}
_AN_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Miss:
    """A missed task: `due_at` is the end of its window, which lies in it no longer."""

    task_id: UUID
    rule: RuleOfService
    assignee_id: UUID | None
    supervisor_id: UUID | None
    due_at: datetime
    at: datetime

    def payer_id(self, supervises: bool) -> UUID | None:
        """Whoever supervises somebody pays for their own; all others are charged through their supervisor."""
        return self.assignee_id if supervises else self.supervisor_id


def proposed(id_: UUID, miss: Miss, payer: Payer | None, terms: Terms, *, own: bool) -> Penalty:
    """The penalty of a miss; `own` of who supervises somebody. It belongs to the month of the window."""
    policy = policy_at(terms.policies, miss.at)
    amount = policy.amounts[_OWN[miss.rule] if own else miss.rule]
    return Penalty(
        id=id_,
        version=0,
        complaint_id=None,
        task_id=miss.task_id,
        round=1,
        rule=miss.rule,
        state=PenaltyState.PROPOSED,
        amount=amount,
        rule_amount=amount,
        person_id=payer.person_id if payer else None,
        department_id=payer.department_id if payer else None,
        policy_version=policy.version,
        month=Month.of(miss.due_at - _AN_INSTANT, terms.zone).ordinal,
        at=miss.at,
        proposed_at=terms.now,
        ended_at=None,
        reason=None,
    )


def told_anew(standing: Sequence[Penalty], new: Penalty) -> Penalty:
    """The proposal of a miss; where the same miss was proposed before and taken back, against whom it was then: who
    supervised whom at the miss does not change with the directory."""
    before = next((each for each in standing if each.place == new.place and each.at == new.at), None)
    if before is None or before.person_id is None:
        return new
    return replace(new, person_id=before.person_id, department_id=before.department_id)


def without_the_miss(of_task: Sequence[Penalty], now: datetime) -> list[Penalty]:
    """What was not made good of a miss that is waived costs nothing either, whichever was known first."""
    return [taken_back(each, "not_applicable", now) for each in of_task if each.rule == "not_made_good"]


def not_made_good(id_: UUID, miss: Penalty, until: datetime, at: datetime, terms: Terms) -> Penalty:
    """As much again, against the same person, of what was not made good until a moment."""
    return replace(
        miss,
        id=id_,
        version=0,
        rule="not_made_good",
        state=PenaltyState.PROPOSED,
        amount=miss.rule_amount,
        month=Month.of(until - _AN_INSTANT, terms.zone).ordinal,
        at=at,
        proposed_at=terms.now,
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
