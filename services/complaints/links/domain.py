"""Links between cases: made and undone by people, never a merge, so what each complainant said stays (domain 3.4).

A child holds its parent open. All other relations say only that two cases belong together; what repeats what, and
costs, is found by itself (`repeats`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState
from shared.contracts.complaints import LinkRelation
from shared.errors import Conflict, Invalid, NotFound


class LinkNotFound(NotFound):
    slug = "no-such-link"
    title = "There is no such link"


class UnknownComplaint(Invalid):
    slug = "unknown-complaint"
    title = "This complaint is not known"


class LinkedToItself(Invalid):
    slug = "linked-to-itself"
    title = "A case is not linked to itself"


class LinkedAlready(Conflict):
    slug = "linked-already"
    title = "These cases are linked so already"


class HasParent(Conflict):
    slug = "has-parent"
    title = "The child has a parent already"


class LinkedInARing(Conflict):
    slug = "linked-in-a-ring"
    title = "A case would be a child of its own child"


class ChildrenOpen(Conflict):
    """A parent is closed after its children."""

    slug = "children-open"
    title = "Child cases are not closed"

    members: ClassVar[Mapping[str, str]] = MappingProxyType({"open_children": "the numbers of the child cases"})

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__("close these first, or undo their links: " + ", ".join(numbers))
        self.open_children = list(numbers)


class ParentClosed(Conflict):
    """A child holds its parent open, so it is not opened below one that has ended."""

    slug = "parent-closed"
    title = "The parent of this case is closed"


@dataclass(frozen=True, slots=True)
class Link:
    """Between two cases: of `child`, `other_id` is the child of `complaint_id`. It is undone, not deleted."""

    id: UUID
    complaint_id: UUID
    other_id: UUID
    relation: LinkRelation
    made_at: datetime
    made_by: UUID
    undone_at: datetime | None = None
    undone_by: UUID | None = None


def check_parent(parent: Case | None) -> None:
    """A case is opened again only below a parent that is not closed. Raises ParentClosed."""
    if parent is not None and parent.state is CaseState.CLOSED:
        raise ParentClosed(f"reopen {parent.number} first, or undo the link to it")


def check_child(parent: Case, child_id: UUID, childs_parent: UUID | None, ancestors: Sequence[UUID]) -> None:
    """A child has one parent, which is not closed and not among its own children, however far.

    Raises HasParent, LinkedInARing, WrongState.
    """
    parent.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
    if childs_parent is not None:
        raise HasParent("undo the link to its present parent first")
    if child_id in ancestors:
        raise LinkedInARing("it is above this case already")
