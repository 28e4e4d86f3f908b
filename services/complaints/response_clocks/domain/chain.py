"""Who hears of a late answer, one level after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Link:
    """A person in the chain of escalation: 1 responsible, 2 supervisor, 3 department manager, 4 customer-service
    manager, 5 general manager (decision 17)."""

    level: int
    staff_id: UUID


Chain: TypeAlias = tuple[Link, ...]


def chain_of(persons: Sequence[UUID | None]) -> Chain:
    """The chain from the persons of levels 1 to 5; missing and repeated ones are skipped."""
    seen: set[UUID] = set()
    links: list[Link] = []
    for level, person in enumerate(persons, start=1):
        if person is not None and person not in seen:
            seen.add(person)
            links.append(Link(level, person))
    return tuple(links)
