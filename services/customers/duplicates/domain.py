"""By what two archives may be of one customer (domain 2.1), and what two of them have in common."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from services.customers.archive.domain import Profile
from services.customers.finding.domain import folded, heard
from shared.contracts.customers import Tier
from shared.errors import NotFound
from shared.phones import without_extension

SHARED_BY_MANY: Final = 20
"""What more customers than that have in common tells nothing: a chain's line, a building, a usual name."""
_SHORTEST_ADDRESS: Final = 6
"""Characters of a folded address that is a place, not a town."""


class DuplicateNotFound(NotFound):
    slug = "duplicate-not-found"
    title = "There is no such pair"


class DuplicateReason(StrEnum):
    """What two archives have in common: `phone` 电话相同 the same phone; `name` 读音相同 a name that sounds the same;
    `address` 地址相同 the same address; `licence` 证照号相同 the same licence number."""

    LICENCE = "licence"
    PHONE = "phone"
    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Key:
    """What a customer shares with whoever has the same; kept as a keyed hash alone."""

    reason: DuplicateReason
    said: str


Span: TypeAlias = tuple[int, int] | None
"""Where a region stands in the tree of regions: its interval holds those of the regions in it. None: no region."""


def agree(one: Span, other: Span) -> bool:
    """Whether somebody may be in both: one of them is in the other, or nobody said."""
    if one is None or other is None:
        return True
    return _within(one, other) or _within(other, one)


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


@dataclass(frozen=True, slots=True)
class Met:
    """Another customer with the same key, and where both are."""

    customer_id: UUID
    other_id: UUID
    reason: DuplicateReason
    key: bytes
    region: Span
    other_region: Span

    def counts(self) -> bool:
        """Stores whose names sound alike are one only where their regions do not say otherwise: a district does not
        of its streets."""
        return self.reason is not DuplicateReason.NAME or agree(self.region, self.other_region)

    def pair(self) -> tuple[UUID, UUID]:
        """Both, the earlier one first."""
        return min(self.customer_id, self.other_id), max(self.customer_id, self.other_id)


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer who is compared by a key, and where that is."""

    reason: DuplicateReason
    key: bytes
    customer_id: UUID
    region: Span


@dataclass(frozen=True, slots=True)
class Side:
    """One customer of a pair; a person has no name there."""

    id: UUID
    name: str | None
    tier: Tier
    region_id: UUID | None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two customers who may be one."""

    id: UUID
    reasons: list[DuplicateReason]
    found_at: datetime
    one: Side
    other: Side

    @property
    def strong(self) -> bool:
        """Whether a reason of theirs belongs to one business alone, so that they hardly are two."""
        return DuplicateReason.LICENCE in self.reasons


def keys_of(profile: Profile) -> Iterator[Key]:
    """By what a customer is compared: licence, phones without their extension, how a store's name sounds, the folded
    address."""
    if profile.licence_no:
        yield Key(DuplicateReason.LICENCE, profile.licence_no)
    for phone in dict.fromkeys(map(without_extension, profile.phones)):
        yield Key(DuplicateReason.PHONE, phone)
    if profile.kind == "store" and profile.name != profile.external_no:
        yield Key(DuplicateReason.NAME, _sound(profile.name))
    address = folded_address(profile.address or "")
    if len(address) >= _SHORTEST_ADDRESS:
        yield Key(DuplicateReason.ADDRESS, address)


def folded_address(address: str) -> str:
    """An address as it is compared: width, case, spaces and signs make no difference."""
    return "".join(each for each in folded(address) if unicodedata.category(each)[0] in "LN")


def _sound(name: str) -> str:
    """How a name sounds in pinyin, as stores are found; one without Chinese characters as it is written."""
    said = folded(name)
    return heard(said).spoken.partition(" ")[0] or said


def in_common(met: Iterable[Met]) -> Mapping[tuple[UUID, UUID], set[DuplicateReason]]:
    """Pair -> what both have in common, without what many have."""
    groups: dict[tuple[UUID, DuplicateReason, bytes], list[Met]] = {}
    for each in met:
        if each.counts():
            groups.setdefault((each.customer_id, each.reason, each.key), []).append(each)
    pairs: dict[tuple[UUID, UUID], set[DuplicateReason]] = {}
    for group in groups.values():
        for each in group if len(group) <= SHARED_BY_MANY else ():
            pairs.setdefault(each.pair(), set()).add(each.reason)
    return pairs


def crossed(before: Collection[Holder], after: Collection[Holder]) -> set[UUID]:
    """Who shares a key with many now and did not before, or the other way round: what they have in common counts anew.

    Both are all holders of the same keys; who holds a key only now, or only before, is compared anyway.
    """
    crowded, stayed = _crowded(before) ^ _crowded(after), set(before) & set(after)
    return {each.customer_id for each in crowded & stayed}


def _crowded(holders: Collection[Holder]) -> set[Holder]:
    """Those who share a key with many; of names, with many whose regions do not say otherwise."""
    together: dict[tuple[DuplicateReason, bytes], Counter[Span]] = {}
    for each in holders:
        where = each.region if each.reason is DuplicateReason.NAME else None
        together.setdefault((each.reason, each.key), Counter())[where] += 1
    return {each for each in holders if _others(each, together[each.reason, each.key]) > SHARED_BY_MANY}


def _others(holder: Holder, where: Counter[Span]) -> int:
    return sum(number for region, number in where.items() if agree(region, holder.region)) - 1
