"""The tree of regions, and the rules that protect a network of stores (domain 2.2).

Each region has an interval of numbers that holds those of the regions in it, so that two regions have a place in common
just where their intervals overlap.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal, NoReturn, TypeAlias
from uuid import UUID

from shared.errors import Conflict, Invalid

Rule: TypeAlias = Literal["same-brand", "same-grade", "region-grade"]
"""(a) one brand has one contract in a region, (b) a customer has no two brands of a grade, (c) two customers have no
brands of one grade in a region."""


class RegionCycle(Invalid):
    slug = "region-cycle"
    title = "A region does not lie in itself"


class NetworkConflict(Conflict):
    """A contract that the rules do not allow; `contracts` names the one in the way, where it still is."""

    members: ClassVar[Mapping[str, str]] = {"contracts": "the ids of the contracts in the way"}

    def __init__(self, detail: str, contracts: Sequence[UUID] = (), *, pointer: str | None = None) -> None:
        super().__init__(detail, pointer=pointer)
        self.contracts = [str(each) for each in contracts]


class SameBrand(NetworkConflict):
    """Where the contracts in the way are the customer's own, `until` says until when they run."""

    slug = "same-brand"
    title = "The brand has a contract in this region already"
    members: ClassVar[Mapping[str, str]] = {
        **NetworkConflict.members,
        "until": "the day on which the customer's own contracts in the way hold no more, and a renewal may start; none "
        "where one of them has no end, or another customer's is in the way",
    }

    def __init__(self, detail: str, contracts: Sequence[UUID] = (), until: date | None = None) -> None:
        super().__init__(detail, contracts)
        self.until = [] if until is None else [str(until)]


class SameGrade(NetworkConflict):
    slug = "same-grade"
    title = "The customer has another brand of this grade already"


class RegionGrade(NetworkConflict):
    slug = "region-grade"
    title = "Another customer has a brand of this grade in this region"


def refuse(rule: Rule, contracts: Sequence[UUID] = ()) -> NoReturn:
    """Raises SameBrand, SameGrade or RegionGrade."""
    if rule == "same-brand":
        raise SameBrand("a contract of this brand holds in this region, in one in it or around it", contracts)
    if rule == "same-grade":
        raise SameGrade("the customer has a contract of another brand of this grade: end that first", contracts)
    raise RegionGrade("another customer has a contract of a brand of this grade in this region", contracts)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A contract beside which a rule does not allow another: whose it is, and the first day on which it holds no more;
    None: it has no end."""

    id: UUID
    customer_id: UUID
    ends_on: date | None


def refuse_renewal(own: Sequence[InTheWay]) -> NoReturn:
    """Refuses a customer what overlaps their own contracts of the brand. Raises SameBrand."""
    ends, ids = [each.ends_on for each in own if each.ends_on is not None], [each.id for each in own]
    if len(ends) < len(own):
        raise SameBrand("the customer's own contract of this brand has no end: it runs until it is ended", ids)
    until = max(ends)
    raise SameBrand(
        f"the customer's own contract of this brand runs until {until}: a renewal starts on that day", ids, until
    )


CONSTRAINTS: Final[Mapping[str, Rule]] = {
    "contract_same_brand": "same-brand",
    "contract_same_grade": "same-grade",
    "contract_region_grade": "region-grade",
}
"""The constraint by which the database holds each rule."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region in the tree."""

    id: UUID
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers of a region: from `lowest`, below `highest`."""

    lowest: int
    highest: int


def numbered(places: Iterable[Place]) -> dict[UUID, Interval]:
    """The interval of every region, in the order of their ids at each level; none of those that lie in themselves."""
    within: dict[UUID | None, list[UUID]] = {}
    known = list(places)
    for place in sorted(known, key=lambda each: each.id):
        within.setdefault(place.parent_id, []).append(place.id)
    found: dict[UUID, Interval] = {}
    opened: dict[UUID, int] = {}
    number, left = 0, [(id_, False) for id_ in reversed(within.get(None, []))]
    while left:
        id_, is_end = left.pop()
        if is_end:
            number += 1
            found[id_] = Interval(opened[id_], number)
            continue
        number += 1
        opened[id_] = number
        left.append((id_, True))
        left += [(each, False) for each in reversed(within.get(id_, []))]
    return found


def check_tree(places: Sequence[Place], found: Mapping[UUID, Interval]) -> None:
    """Raises RegionCycle where a region lies in itself."""
    if len(found) < len(places):
        raise RegionCycle("it would lie in a region that lies in it", pointer="#/parent_id")
