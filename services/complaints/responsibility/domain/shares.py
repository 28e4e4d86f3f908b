"""Who pays how much of a penalty: whole parts, and cents that come out even (domain 3.4, examples 6 and 7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from shared.contracts.responsibility import PenaltyRule
from shared.errors import Forbidden, Invalid
from shared.money import CENT

SHARED: Final[tuple[PenaltyRule, ...]] = ("unanswered", "dissatisfied", "repeat", "not_executed", "other")
"""What the supervisor answers for jointly; all else is paid by one person alone (examples 6)."""
MOST_PAYERS: Final = 20
MOST_PARTS: Final = 1_000


class SharesRefused(Invalid):
    slug = "shares-refused"
    title = "These shares cannot be"


class OwnPenalty(Forbidden):
    slug = "own-penalty"
    title = "Nobody decides what they pay themselves"


@dataclass(frozen=True, slots=True)
class Part:
    """How many parts of a case's penalties somebody pays."""

    staff_id: UUID
    parts: int


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where somebody belongs: their department, who supervises them, their role."""

    department_id: UUID | None
    supervisor_id: UUID | None
    role: str


@dataclass(frozen=True, slots=True)
class PayerShare:
    """What one person pays of a penalty, CNY, and where they belong."""

    penalty_id: UUID
    staff_id: UUID
    parts: int
    amount: Decimal
    department_id: UUID | None
    supervisor_id: UUID | None


def check_parts(parts: Sequence[Part], known: Iterable[UUID]) -> None:
    """Raises SharesRefused for somebody whom the directory does not list, and for who is named twice."""
    listed, seen = set(known), set[UUID]()
    for place, each in enumerate(parts):
        if each.staff_id not in listed:
            raise SharesRefused("the directory lists nobody with this id", pointer=f"#/{place}/staff_id")
        if each.staff_id in seen:
            raise SharesRefused("name everybody once", pointer=f"#/{place}/staff_id")
        seen.add(each.staff_id)


def cut(amount: Decimal, parts: Sequence[Part], accountable_id: UUID | None) -> dict[UUID, Decimal]:
    """An amount by parts: whole cents, what is left over one cent each, first to the accountable person, then by staff
    id (examples 7)."""
    whole = sum(each.parts for each in parts)
    cents = int(amount / CENT)
    shares = {each.staff_id: cents * each.parts // whole for each in parts}
    in_order = sorted(shares, key=lambda staff_id: (staff_id != accountable_id, staff_id))
    for staff_id in in_order[: cents - sum(shares.values())]:
        shares[staff_id] += 1
    return {staff_id: share * CENT for staff_id, share in shares.items()}


def parts_of(
    rule: PenaltyRule,
    person_id: UUID | None,
    of_case: Sequence[Part],
    people: Mapping[UUID, Belonging],
    by_default: tuple[int, int],
) -> list[Part]:
    """Who pays a penalty by how many parts: by the shares of its case, else whom it is against, with their supervisor.

    `by_default` is the payer's parts and the supervisor's. Nobody pays while nobody answers for it.
    """
    if rule in SHARED and of_case:
        return list(of_case)
    if person_id is None:
        return []
    payers, supervisors = by_default
    supervisor_id = people[person_id].supervisor_id if person_id in people else None
    if rule not in SHARED or supervisor_id in (None, person_id) or not supervisors:
        return [Part(person_id, 1)]
    return [Part(person_id, payers), Part(supervisor_id, supervisors)]


def shares_of(
    penalty_id: UUID,
    amount: Decimal,
    parts: Sequence[Part],
    person_id: UUID | None,
    accountable_id: UUID | None,
    people: Mapping[UUID, Belonging],
) -> list[PayerShare]:
    """What each pays, whom the penalty is against first; who would pay nothing is not among them.

    The odd cent is the accountable person's of the case, where they pay a part (examples 7).
    """
    if not parts:
        return []
    paying = {part.staff_id for part in parts}
    amounts = cut(amount, parts, accountable_id if accountable_id in paying else person_id)
    in_order = sorted(parts, key=lambda part: (part.staff_id != person_id, part.staff_id))
    nowhere = Belonging(None, None, "")
    return [
        PayerShare(
            penalty_id,
            part.staff_id,
            part.parts,
            amounts[part.staff_id],
            people.get(part.staff_id, nowhere).department_id,
            people.get(part.staff_id, nowhere).supervisor_id,
        )
        for part in in_order
    ]
