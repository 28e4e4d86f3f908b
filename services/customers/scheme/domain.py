"""The scheme (客户管理方案, domain 1): one document with versions, made of its parts as they stand when it holds.

Parts are the policies of all services. A version of the scheme names the version of each; staff acknowledge it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.errors import Conflict, Forbidden, Invalid, NotFound

BY_START: Final = ("network", "tiers")
"""Parts of which the version with the latest start holds; of all others the latest that has started."""


class NoScheme(NotFound):
    slug = "no-scheme"
    title = "No version of the scheme holds yet"


class SchemeVersionNotFound(NotFound):
    slug = "no-such-scheme-version"
    title = "There is no such version of the scheme"


class SchemeStartRefused(Invalid):
    slug = "scheme-start-refused"
    title = "The scheme cannot hold from then on"


class SchemeUnchanged(Conflict):
    slug = "scheme-unchanged"
    title = "No part of the scheme has changed since the version before"


class SchemeSuperseded(Conflict):
    """It was withdrawn, or a later version holds."""

    slug = "scheme-superseded"
    title = "This version of the scheme holds no longer"


class SchemeHolds(Conflict):
    slug = "scheme-holds"
    title = "This version of the scheme holds already"


class NotOfTheStaff(Forbidden):
    slug = "not-of-the-staff"
    title = "Only colleagues whom the directory lists acknowledge the scheme"


@dataclass(frozen=True, slots=True)
class Part:
    """A version of a part, for customers of one tier, cases about one subject, people of one department; None: any."""

    part: str
    version: int
    policy_id: UUID
    starts_at: datetime
    tier: str | None
    subject: str | None
    department_id: UUID | None

    @property
    def scope(self) -> tuple[str, str, str, str]:
        """What it stands for: versions with the same scope follow each other."""
        return self.part, self.tier or "", self.subject or "", str(self.department_id or "")

    @property
    def rank(self) -> tuple[datetime | None, int]:
        """Of two with the same scope that have started, the one with the higher rank holds."""
        return (self.starts_at if self.part in BY_START else None), self.version


def standing(parts: Iterable[Part], at: datetime) -> list[Part]:
    """The parts that hold at a moment, one for each scope, in the order of these."""
    held: dict[tuple[str, str, str, str], Part] = {}
    for each in parts:
        if each.starts_at <= at:
            other = held.get(each.scope)
            held[each.scope] = each if other is None else max(other, each, key=_rank)
    return [held[scope] for scope in sorted(held)]


def _rank(part: Part) -> tuple[float, int]:
    start, version = part.rank
    return (start.timestamp() if start else 0.0), version


Change: TypeAlias = Literal["new", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class PartChange:
    """What became of a part from one version of the scheme to another: None where it did not stand."""

    change: Change
    before: Part | None
    after: Part | None


def changes(before: Iterable[Part], after: Iterable[Part]) -> list[PartChange]:
    """Parts of which another version holds, in the order of their scopes."""
    old, new = ({each.scope: each for each in parts} for parts in (before, after))
    found = []
    for scope in sorted(old.keys() | new.keys()):
        was, is_ = old.get(scope), new.get(scope)
        if was is None or is_ is None:
            found.append(PartChange("new" if was is None else "gone", was, is_))
        elif was.policy_id != is_.policy_id:
            found.append(PartChange("changed", was, is_))
    return found


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A version of the scheme; it holds from `holds_from` until another one does."""

    version: int
    id: UUID
    title: str
    holds_from: datetime
    made_at: datetime
    made_by: UUID
    parts: Sequence[Part]
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None


def in_force(versions: Iterable[SchemeVersion], at: datetime) -> SchemeVersion | None:
    """The latest version that holds at a moment."""
    held = (each for each in versions if each.withdrawn_at is None and each.holds_from <= at)
    return max(held, key=lambda each: each.version, default=None)


def to_acknowledge(versions: Sequence[SchemeVersion], at: datetime) -> list[SchemeVersion]:
    """The version that holds and those that will, in their order."""
    present = in_force(versions, at)
    ahead = [each for each in versions if each.withdrawn_at is None and each.holds_from > at]
    return sorted([*([present] if present else []), *ahead], key=lambda each: each.version)


def check_start(holds_from: datetime, latest: SchemeVersion | None, now: datetime) -> None:
    """Raises SchemeStartRefused: a version holds from now on or later, and not before the one it follows."""
    if holds_from < now:
        raise SchemeStartRefused("leave `holds_from` out to let it hold from now on", pointer="#/holds_from")
    if latest is not None and holds_from < latest.holds_from:
        raise SchemeStartRefused(
            "the version before it does not hold by then; withdraw that one first", pointer="#/holds_from"
        )
