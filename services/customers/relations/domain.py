"""Who knows whom (domain 2.1): relations between people of stores, of kinds that a table lists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound

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


def way(relation: Relation, one: UUID, *, mutual: bool) -> Way:
    """How it looks from one of both."""
    if mutual:
        return "mutual"
    return "to" if relation.from_id == one else "from"
