"""Who knows whom (domain 2.1): relations between people of stores, of kinds that a table lists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from services.customers.changes.domain import Change
from shared.errors import Conflict, Invalid, NotFound

RANKS: Final = frozenset({"reports_to"})
"""Kinds by which somebody stands above somebody: nobody stands above themself."""
Way = Literal["to", "from", "mutual"]
"""Whether somebody is that to the other one, the other one to them, or each to the other."""


class RelationWithOneself(Invalid):
    slug = "relation-with-oneself"
    title = "Nobody has a relation with themself"


class UnknownRelationKind(Invalid):
    slug = "unknown-relation-kind"
    title = "There is no such kind of relation"


class RelationStands(Conflict):
    slug = "relation-stands"
    title = "This relation is known already"


class RelationRing(Conflict):
    slug = "relation-ring"
    title = "They would be above themselves"


class RelationNotFound(NotFound):
    slug = "relation-not-found"
    title = "There is no such relation"


class RelationKindTaken(Conflict):
    slug = "relation-kind-taken"
    title = "There is a kind of relation with this code"


@dataclass(frozen=True, slots=True)
class RelationKind:
    """What people can be to each other; a `mutual` one holds both ways. One that is not active is given no more."""

    code: str
    name_en: str
    name_zh: str
    mutual: bool
    active: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """What somebody is to somebody else."""

    id: UUID
    from_id: UUID
    to_id: UUID
    kind: str
    entered_at: datetime


def between(id_: UUID, one: UUID, other: UUID, kind: RelationKind, at: datetime) -> Relation:
    """What one is to the other. A mutual relation is the same from both sides, so it stands once.

    Raises RelationWithOneself.
    """
    if one == other:
        raise RelationWithOneself("name somebody else", pointer="#/to_id")
    first, second = sorted((one, other)) if kind.mutual else (one, other)
    return Relation(id_, first, second, kind.code, at)


PREFIX: Final = "relation."
"""Before a kind of relation: how the history calls it."""
PREFIX_FROM: Final = "relation_from."
"""The same where the other one is that to them."""


def history_of(relation: Relation, one: UUID, *, mutual: bool, stands: bool) -> Change:
    """What the history of the store of one of both keeps: to whom they are that, or who is it to them."""
    other = relation.to_id if relation.from_id == one else relation.from_id
    prefix = PREFIX_FROM if way(relation, one, mutual=mutual) == "from" else PREFIX
    before, after = (None, other) if stands else (other, None)
    return Change(prefix + relation.kind, before, after, about=one, personal=True, other=other)


def way(relation: Relation, one: UUID, *, mutual: bool) -> Way:
    """How it looks from one of both."""
    if mutual:
        return "mutual"
    return "to" if relation.from_id == one else "from"
