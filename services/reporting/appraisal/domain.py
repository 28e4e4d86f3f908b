"""The monthly appraisal: one score from four parts, by a formula whose figures are all shown (domain 3.4 and 5.1).

Each part lies between 0 and 100. A part without data is left out, and so is whoever has none at all: nobody is
excellent because nothing is known of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.errors import Invalid
from shared.money import ZERO
from shared.months import Month

By: TypeAlias = Literal["person", "manager", "department"]
"""Who is appraised."""
Part: TypeAlias = Literal["answers", "service", "satisfaction", "money"]
"""Of what a score is made: answers in time, obligations met, satisfaction, what was booked."""

PARTS: Final[tuple[Part, ...]] = ("answers", "service", "satisfaction", "money")
FULL: Final = Decimal(100)
_TWO_PLACES: Final = Decimal("0.01")
_ONE_PLACE: Final = Decimal("0.1")


class AppraisalPolicyRefused(Invalid):
    """No part would count, or a month that has begun to be over would be judged anew."""

    slug = "appraisal-policy-refused"
    title = "Nobody can be appraised by this policy"


@dataclass(frozen=True, slots=True)
class AppraisalPolicy:
    """A version, for months from `from_month` (`Month.ordinal`) on: what each part weighs, and how much booked on
    somebody in a month, CNY, leaves nothing of the part of money."""

    id: UUID
    version: int
    answers: int
    service: int
    satisfaction: int
    money: int
    money_zero: Decimal
    from_month: int

    def weight(self, part: Part) -> int:
        weight: int = getattr(self, part)
        return weight


FIRST: Final = AppraisalPolicy(
    id=UUID("01900000-0000-7000-8000-0000000000d3"),
    version=1,
    answers=30,
    service=30,
    satisfaction=20,
    money=20,
    money_zero=Decimal("500.00"),
    from_month=0,
)
"""What holds where no policy says otherwise†."""


@dataclass(frozen=True, slots=True)
class NewAppraisalPolicy:
    """A policy to be written: what is not named stays as it was; `from_month` None means the running month."""

    answers: int | None
    service: int | None
    satisfaction: int | None
    money: int | None
    money_zero: Decimal | None
    from_month: Month | None

    def following(self, before: AppraisalPolicy, id_: UUID, running: Month) -> AppraisalPolicy:
        """The version that follows another one. Raises AppraisalPolicyRefused: a month that is over is judged by what
        held in it, and something has to weigh."""
        first = self.from_month or running
        if first < running:
            raise AppraisalPolicyRefused(f"it can hold from {running} on", pointer="#/from_month")
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "from_month"}
        stays = {name: getattr(before, name) for name, value in named.items() if value is None}
        policy = AppraisalPolicy(id=id_, version=before.version + 1, from_month=first.ordinal, **{**named, **stays})
        if not any(policy.weight(part) for part in PARTS):
            raise AppraisalPolicyRefused("let one of the parts weigh more than 0")
        return policy


def policy_of(policies: Iterable[AppraisalPolicy], month: Month) -> AppraisalPolicy:
    """The latest version that holds for a month."""
    started = (policy for policy in policies if policy.from_month <= month.ordinal)
    return max(started, key=lambda policy: policy.version, default=FIRST)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of somebody in a month. `satisfaction` is the sum of perceived ÷ expected, each 1 at most, `booked`
    what stands on them in the ledger, CNY: penalties, what was taken back, rewards, costs of fault."""

    answered_in_time: int = 0
    answered_late: int = 0
    unanswered_overdue: int = 0
    met: int = 0
    missed: int = 0
    excused: int = 0
    ratings: int = 0
    satisfaction: Decimal = Decimal(0)
    bookings: int = 0
    booked: Decimal = ZERO

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def answers(self) -> int:
        """Rounds that had to be answered by now."""
        return self.answered_in_time + self.answered_late + self.unanswered_overdue

    @property
    def due(self) -> int:
        """Obligations that had to be met; what is excused had not."""
        return self.met + self.missed - self.excused

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return bool(self.answers or self.due or self.ratings or self.bookings)


@dataclass(frozen=True, slots=True)
class Appraised:
    """A score with all that it is made of; None where nothing is known. `people` are those whose figures these are."""

    id: UUID
    name: str
    people: int
    figures: Figures
    parts: Mapping[Part, Decimal | None]
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague as the directory lists them."""

    id: UUID
    name: str
    department_id: UUID | None
    supervisor_id: UUID | None
    active: bool


@dataclass(frozen=True, slots=True)
class Department:
    """A department as the directory lists it."""

    id: UUID
    name: str
    manager_id: UUID | None


@dataclass(frozen=True, slots=True)
class Staff:
    """Who there is, and who sees whom: `seen` are those through whom the viewer sees, None for all."""

    members: Sequence[Member]
    departments: Sequence[Department]
    viewer: UUID | None
    seen: Collection[UUID] | None

    def sees(self, id_: UUID) -> bool:
        return self.seen is None or id_ in self.seen

    def manages(self, department: Department) -> bool:
        """Whether the viewer sees what a department comes to."""
        return self.seen is None or (self.viewer is not None and department.manager_id == self.viewer)


Group: TypeAlias = tuple[UUID, str, Sequence[Member]]
"""Who is appraised, what they are called, and by whose figures."""


def appraise(staff: Staff, figures: Mapping[UUID, Figures], by: By, policy: AppraisalPolicy) -> list[Appraised]:
    """Scores of whom the viewer sees: of everybody who works here or of whom something is known, of whoever supervises
    one of them by those people together, of each department by its people together."""
    counted = [each for each in staff.members if each.active or (each.id in figures and figures[each.id].known)]
    return [_appraised(id_, name, people, figures, policy) for id_, name, people in _groups(staff, counted, by)]


def _groups(staff: Staff, counted: Sequence[Member], by: By) -> list[Group]:
    if by == "person":
        return [(each.id, each.name, [each]) for each in counted if staff.sees(each.id)]
    if by == "department":
        return [
            (each.id, each.name, [one for one in counted if one.department_id == each.id])
            for each in staff.departments
            if staff.manages(each)
        ]
    led = {each.supervisor_id for each in counted}
    return [
        (each.id, each.name, [one for one in counted if one.supervisor_id == each.id])
        for each in staff.members
        if each.id in led and staff.sees(each.id)
    ]


def _appraised(
    id_: UUID, name: str, people: Sequence[Member], figures: Mapping[UUID, Figures], policy: AppraisalPolicy
) -> Appraised:
    together = sum((figures.get(each.id, Figures()) for each in people), Figures())
    parts = parts_of(together, len(people), policy)
    return Appraised(id_, name, len(people), together, parts, score_of(parts, policy))


def parts_of(figures: Figures, people: int, policy: AppraisalPolicy) -> dict[Part, Decimal | None]:
    """Each part, 0 to 100 with two places; None without data. Money is data where anything else is."""
    return {
        "answers": _share(Decimal(figures.answered_in_time), figures.answers),
        "service": _share(Decimal(figures.met), figures.due),
        "satisfaction": _share(figures.satisfaction, figures.ratings),
        "money": _of_money(figures, people, policy) if figures.known else None,
    }


def _share(part: Decimal, whole: int) -> Decimal | None:
    return (FULL * part / whole).quantize(_TWO_PLACES, ROUND_HALF_UP) if whole else None


def _of_money(figures: Figures, people: int, policy: AppraisalPolicy) -> Decimal:
    """What is left of 100 by what was booked on each on average; who is paid more than they pay keeps all of it."""
    lost = min(Decimal(1), max(ZERO, figures.booked / people) / policy.money_zero)
    return (FULL * (1 - lost)).quantize(_TWO_PLACES, ROUND_HALF_UP)


def score_of(parts: Mapping[Part, Decimal | None], policy: AppraisalPolicy) -> Decimal | None:
    """The mean of the parts that have data, by their weights, with one place; None without any."""
    known = [(policy.weight(part), value) for part, value in parts.items() if value is not None]
    weight = sum(weight for weight, _ in known)
    if not weight:
        return None
    total = sum((weight * value for weight, value in known), ZERO)
    return (total / weight).quantize(_ONE_PLACE, ROUND_HALF_UP)
