"""Verifying the audit: whether its entries are those that were chained, all of them and in their order."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select

from shared.audit import AuditEntry
from shared.audit_chain import BEGINNING, Head, Heads, Link, hash_of, holds
from shared.db import Database
from shared.kernel_schema import AUDIT_ENTRY, AUDIT_LINK, AUDIT_WAITING
from shared.statement import Statement, given

AT_ONCE: Final = 5_000
COMPARED: Final = 200
"""Places of a batch that do not fit: among so many it is looked for what stood where."""


class Kind(StrEnum):
    """What is wrong at a place of the chain."""

    ALTERED = "altered"
    DELETED = "deleted"
    REORDERED = "reordered"
    UNCHAINED = "unchained"
    """An entry without a link that does not wait for one: it came past the trigger, or its link is gone."""
    CUT = "cut"
    """The chain ends before the head that is kept outside."""
    REWRITTEN = "rewritten"
    """At the place of that head stands another link."""
    NO_HEAD = "no-head"
    """Nothing is kept outside though something is chained."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`position` is the (first) place in the chain, `entry_id` the entry's number, each None where there is none."""

    kind: Kind
    position: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries are chained as they were, how many wait for their link, and what is wrong."""

    chained: int
    waiting: int
    head: Head | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A link with what its entry says now; without an entry the latter is None."""

    position: int
    entry_id: int
    hash: bytes
    entry: AuditEntry | None


@dataclass(frozen=True, slots=True)
class _Misfit:
    before: bytes
    place: _Place


_ENTRY, _LINK, _WAITING = AUDIT_ENTRY.c, AUDIT_LINK.c, AUDIT_WAITING.c


def _place(position: int, entry_id: int, hash: bytes, **said: Any) -> _Place:
    entry = None if said["id"] is None else AuditEntry(**said)
    return _Place(position, entry_id, hash, entry)


_PLACES = Statement(
    select(_LINK.position, _LINK.entry_id, _LINK.hash, *(_ENTRY[field.name] for field in fields(AuditEntry)))
    .outerjoin(AUDIT_ENTRY, _ENTRY.id == _LINK.entry_id)
    .where(_LINK.position > given("after"))
    .order_by(_LINK.position)
    .limit(given("most")),
    _place,
)
_LOOSE = Statement(
    select(_ENTRY.id, _WAITING.entry_id)
    .outerjoin(AUDIT_WAITING, _WAITING.entry_id == _ENTRY.id)
    .outerjoin(AUDIT_LINK, _LINK.entry_id == _ENTRY.id)
    .where(_LINK.position.is_(None))
    .order_by(_ENTRY.id)
)
_GONE = Statement(
    select(_WAITING.entry_id)
    .outerjoin(AUDIT_ENTRY, _ENTRY.id == _WAITING.entry_id)
    .where(_ENTRY.id.is_(None))
    .order_by(_WAITING.entry_id)
)


async def verify(database: Database, heads: Heads) -> Verified:
    """Reads the whole chain. What is chained or entered meanwhile is no fault. Raises StorageFault."""
    head = await heads.kept()
    findings: list[Finding] = []
    last, chained = Link(0, BEGINNING), 0
    async for places in _batches(database):
        found = _wrong_in(last, places)
        findings += found
        chained += len(places)
        last = Link(places[-1].position, places[-1].hash)
    loose = await _LOOSE.all(database)
    waiting = sum(row["entry_id"] is not None for row in loose)
    findings += [Finding(Kind.UNCHAINED, None, row["id"]) for row in loose if row["entry_id"] is None]
    findings += [Finding(Kind.DELETED, None, row["entry_id"]) for row in await _GONE.all(database)]
    findings += await _wrong_with(head, last, database)
    return Verified(chained, waiting, head, tuple(findings))


async def _batches(database: Database) -> AsyncIterator[list[_Place]]:
    after = 0
    while places := await _PLACES.all(database, after=after, most=AT_ONCE):
        yield places
        after = places[-1].position


def _wrong_in(last: Link, places: Sequence[_Place]) -> list[Finding]:
    """Each place is held against the stored link before it, so that one wrong place is one finding."""
    findings: list[Finding] = []
    misfits: list[_Misfit] = []
    for place in places:
        gap = place.position > last.position + 1
        if gap:
            findings.append(Finding(Kind.DELETED, last.position + 1))
        if place.entry is None:
            findings.append(Finding(Kind.DELETED, place.position, place.entry_id))
        elif not gap and hash_of(last.hash, place.entry) != place.hash:
            misfits.append(_Misfit(last.hash, place))
        last = Link(place.position, place.hash)
    return findings + [
        Finding(_kind_of(misfit, misfits), misfit.place.position, misfit.place.entry_id) for misfit in misfits
    ]


def _kind_of(misfit: _Misfit, misfits: Sequence[_Misfit]) -> Kind:
    """Reordered, where another entry that does not fit either would fit here."""
    entries = [each.place.entry for each in misfits[:COMPARED] if each.place.entry is not None]
    moved = (
        hash_of(misfit.before, candidate) == misfit.place.hash
        for entry in entries
        for candidate in (entry, replace(entry, id=misfit.place.entry_id))
    )
    return Kind.REORDERED if any(moved) else Kind.ALTERED


async def _wrong_with(head: Head | None, last: Link, database: Database) -> list[Finding]:
    if head is None:
        return [Finding(Kind.NO_HEAD, last.position)] if last.position else []
    if head.position > last.position:
        return [Finding(Kind.CUT, last.position + 1)]
    if head.position == 0 or await holds(database, head):
        return []
    return [Finding(Kind.REWRITTEN, head.position)]
