"""A department's own scheme: what it calls a violation, and what that costs (domain 3.4).

A version holds the whole list and never changes; what happened is judged by the version of that moment (decision 22c).
What is paid by it goes into the department's fund, not to the company.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.complaints.responsibility.domain.entering import BY_HAND
from services.complaints.responsibility.domain.penalties import COUNTS, Payer, Penalty, PenaltyState, Terms
from services.complaints.responsibility.domain.policies import LEAST, MOST, policy_at
from shared.errors import Conflict, Invalid
from shared.moments import written
from shared.months import Month

MOST_VIOLATIONS: Final = 100


class SchemeRefused(Invalid):
    slug = "scheme-refused"
    title = "This scheme of a department cannot be"


class UnknownViolation(Invalid):
    slug = "unknown-violation"
    title = "The department's scheme does not name this violation"


class ViolationAhead(Invalid):
    slug = "violation-ahead"
    title = "What has not happened is no violation"


class PenaltyByRule(Conflict):
    slug = "penalty-by-rule"
    title = "What a rule found is waived or appealed, not withdrawn"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that costs money in a department, CNY."""

    code: str
    name_en: str
    name_zh: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DepartmentScheme:
    """A version of a department's scheme, for what happens from `starts_at` on."""

    department_id: UUID
    version: int
    id: UUID
    violations: Sequence[Violation]
    starts_at: datetime

    @classmethod
    def kept(cls, violations: Iterable[Mapping[str, Any]], **fields: Any) -> "DepartmentScheme":
        """From its row, in which amounts are texts."""
        named = [Violation(**{**each, "amount": Decimal(each["amount"])}) for each in violations]
        return cls(violations=named, **fields)


@dataclass(frozen=True, slots=True)
class NewScheme:
    """A version to be written; `starts_at` None means now."""

    department_id: UUID
    violations: Sequence[Violation]
    starts_at: datetime | None

    def checked(self, now: datetime) -> datetime:
        """From when on it holds. Raises SchemeRefused: nobody is to pay by what was not written when it happened."""
        seen: set[str] = set()
        for place, each in enumerate(self.violations):
            if not LEAST <= each.amount <= MOST:
                raise SchemeRefused(f"it costs {LEAST} to {MOST}", pointer=f"#/violations/{place}/amount")
            if each.code in seen:
                raise SchemeRefused("name each code once", pointer=f"#/violations/{place}/code")
            seen.add(each.code)
        if self.starts_at is not None and self.starts_at < now:
            raise SchemeRefused("it holds from now on at the earliest", pointer="#/starts_at")
        return self.starts_at or now


@dataclass(frozen=True, slots=True)
class NewViolation:
    """That somebody did what their department's scheme names, at a moment."""

    person_id: UUID
    code: str
    at: datetime
    reason: str


def violation_at(
    schemes: Iterable[DepartmentScheme], code: str, moment: datetime
) -> tuple[DepartmentScheme, Violation]:
    """What the latest version that had started by then calls so. Raises UnknownViolation: of a code that is named only
    later the moment is what is wrong."""
    known = list(schemes)
    started = [scheme for scheme in known if scheme.starts_at <= moment]
    scheme = max(started, key=lambda each: each.version, default=None)
    for each in scheme.violations if scheme is not None else ():
        if scheme is not None and each.code == code:
            return scheme, each
    since = min((each.starts_at for each in known if each.starts_at > moment and _names(each, code)), default=None)
    if since is not None:
        raise UnknownViolation(f"it costs something since {written(since)}, and nothing before", pointer="#/at")
    raise UnknownViolation("see department-schemes for what held at that moment", pointer="#/code")


def _names(scheme: DepartmentScheme, code: str) -> bool:
    return any(each.code == code for each in scheme.violations)


def proposed(id_: UUID, payer: Payer, named: tuple[DepartmentScheme, Violation], at: datetime, terms: Terms) -> Penalty:
    """The penalty of a violation: of this person alone, in the month in which it happened. Raises ViolationAhead."""
    if at > terms.now:
        raise ViolationAhead("say when it happened", pointer="#/at")
    scheme, violation = named
    return Penalty(
        id=id_,
        version=0,
        complaint_id=None,
        task_id=None,
        round=1,
        rule="scheme",
        state=PenaltyState.PROPOSED,
        amount=violation.amount,
        rule_amount=violation.amount,
        person_id=payer.person_id,
        department_id=payer.department_id,
        policy_version=policy_at(terms.policies, at).version,
        month=Month.of(at, terms.zone).ordinal,
        at=at,
        proposed_at=terms.now,
        ended_at=None,
        reason=None,
        fund_id=scheme.department_id,
        violation=violation.code,
        scheme_version=scheme.version,
    )


def check_by_hand(penalty: Penalty) -> None:
    """Raises PenaltyByRule for what no person has entered."""
    if penalty.fund_id is None and penalty.rule not in BY_HAND:
        raise PenaltyByRule("correct the case or the task on which it rests, waive it, or decide its appeal")


def stands(penalty: Penalty) -> bool:
    """Whether there is something to take back."""
    return penalty.state is PenaltyState.PROPOSED or penalty.state in COUNTS
