"""Repeats (domain 3.4): the same subject against the same party within one calendar month of the company's zone.

A party is a person, a department or a product. A name that exactly one listed person or department bears is that one,
as if the id were given; any other is the party itself, as it is folded. Suggestions and enquiries do not count, nor
cases judged not valid or malicious. From the second on a case is a repeat of the one before it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.responsibility.domain.penalties import PenaltyState
from services.complaints.rulebook.domain.names import folded
from shared.months import Month

PARTIES: Final = ("person", "department", "product")
LISTED: Final = ("person", "department")
"""Parties that the directory lists; a product goes by its name alone."""
NEVER_COUNT: Final = ("suggestion", "enquiry")
NOT_COUNTED: Final = 0

Digest: TypeAlias = Callable[[bytes], bytes]


class Group(NamedTuple):
    """What repeats each other: cases about a subject, against a party (a keyed hash: it may be a name), in a month
    (`Month.ordinal`)."""

    subject: str
    party: bytes
    month: int

    @property
    def lock(self) -> int:
        """By which one transaction at a time counts the group: a number."""
        named = self.party + f"{self.month}:{self.subject}".encode()
        return int.from_bytes(blake2b(named, digest_size=8).digest(), signed=True)


class Named(NamedTuple):
    """A party that is said by its name, as it is folded."""

    type: str
    name: str


Listed: TypeAlias = Mapping[Named, UUID]
"""Whom a name means: only names that one person, or one department, bears alone."""
NOBODY_LISTED: Final[Listed] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Recorded:
    """What of a case decides about its group; `against` is the name it is against, where one was said."""

    id: UUID
    kind: str
    subject: str
    against_type: str | None
    against_id: UUID | None
    against: str | None
    recorded_at: datetime

    @property
    def named(self) -> Named | None:
        """By which name it is against a party; None where an id is given, or nothing can repeat it."""
        if not self._may_repeat or self.against_id is not None:
            return None
        return Named(str(self.against_type), folded(self.against or ""))

    @property
    def _may_repeat(self) -> bool:
        return self.against_type in PARTIES and self.kind not in NEVER_COUNT

    def group(self, zone: ZoneInfo, digest: Digest, listed: Listed) -> Group | None:
        """None where nothing can repeat it: what it is against is no party, or its kind never counts."""
        if not self._may_repeat:
            return None
        named = self.named
        id_ = listed.get(named) if named is not None else self.against_id
        party = str(id_) if id_ is not None else named.name if named is not None else ""
        if not party:
            return None
        return Group(
            self.subject,
            digest(f"party:{self.against_type}:{party}".encode())[:16],
            Month.of(self.recorded_at, zone).ordinal,
        )


@dataclass(frozen=True, slots=True)
class Member:
    """A case of a group as it stands. `count` and `of` are what it says of itself now; `penalty` how its own stands."""

    complaint_id: UUID
    recorded_at: datetime
    registered_at: datetime
    taken_over: bool
    counts: bool
    count: int
    of: UUID | None
    penalty: PenaltyState | None


@dataclass(frozen=True, slots=True)
class Place:
    """A member with what it should say: the how-manieth it is (0 where it does not count), and of which case."""

    member: Member
    count: int
    of: UUID | None
    costs: bool

    @property
    def moved(self) -> bool:
        return (self.count, self.of) != (self.member.count, self.member.of)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A case whose count has changed, at its new version, and who is told of it."""

    id: UUID
    number: str
    customer_id: UUID | None
    round: int
    version: int
    taken_over: bool
    count: int
    of: UUID | None
    staff_id: UUID | None


def places(members: Iterable[Member]) -> list[Place]:
    """Where each case of a group stands, in the order in which they were recorded.

    A repeat costs whoever could know better: one taken over costs nothing, and of cases that were taken over later than
    it was recorded nobody knew.
    """
    found: list[Place] = []
    earlier: list[Member] = []
    for member in sorted(members, key=lambda each: (each.recorded_at, each.complaint_id)):
        if not member.counts:
            found.append(Place(member, NOT_COUNTED, None, costs=False))
            continue
        known = any(each.registered_at <= member.recorded_at for each in earlier)
        of = earlier[-1].complaint_id if earlier else None
        found.append(Place(member, len(earlier) + 1, of, costs=known and not member.taken_over))
        earlier.append(member)
    return found
