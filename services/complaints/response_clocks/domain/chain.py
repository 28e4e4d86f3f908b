"""Who hears of a late answer, one level after the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from shared.auth.principal import ADMINISTRATION
from shared.succession import at_work


@dataclass(frozen=True, slots=True)
class Link:
    """A person in the chain of escalation (decision 17).

    Levels are 1 the handler (from the notice on whom the case is against), 2 supervisor, 3 department manager,
    4 customer-service manager, 5 general manager.
    """

    level: int
    staff_id: UUID


Chain: TypeAlias = tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """What a chain needs to know of somebody; `heads` is the role of which this person is the directory's first."""

    id: UUID
    active: bool
    successor_id: UUID | None
    supervisor_id: UUID | None
    manager_id: UUID | None
    heads: str | None


def line_behind(
    people: Mapping[UUID, Colleague],
    responsible_id: UUID | None,
    team_manager_id: UUID | None = None,
    *,
    of_administration: bool = False,
    accused_id: UUID | None = None,
) -> Chain:
    """Who stands behind somebody, level by level: who left is followed on each; the line is that of whoever is told.

    The customer-service manager is the one whom the customer's team names (`team_manager_id`), else the directory's
    first. Who left and named nobody is left out; where nobody is responsible, the customer-service manager is, or the
    first of administration where it is theirs (domain 3.6); where that is whom it is against, the general manager.
    """
    heads = {each.heads: each.id for each in people.values()}
    cs_manager = team_manager_id or heads.get("cs_manager")
    administration = heads.get(ADMINISTRATION)
    if administration is None or administration == accused_id:
        administration = heads.get("general_manager")
    asked = responsible_id or (administration if of_administration else cs_manager)
    first = at_work(people, asked)
    line = people.get(first or asked) if asked is not None else None
    supervisor = at_work(people, line.supervisor_id) if line is not None else None
    manager = at_work(people, line.manager_id) if line is not None else None
    return line_of([first, supervisor, manager, cs_manager, heads.get("general_manager")])


def without(line: Chain, told: Collection[UUID]) -> Chain:
    """A line or chain without whom it has told already: they are skipped and use up no time (decision 17)."""
    return tuple(link for link in line if link.staff_id not in told) if told else line


def line_of(persons: Sequence[UUID | None]) -> Chain:
    """Who stands at levels 1 to 5; levels at which nobody does are left out."""
    return tuple(Link(level, person) for level, person in enumerate(persons, start=1) if person is not None)


def chain_in(line: Chain) -> Chain:
    """The chain along a line: who stands in it twice is told once, at the lowest level."""
    first = {link.staff_id: link for link in reversed(line)}
    return tuple(link for link in line if first[link.staff_id] is link)


def chain_of(persons: Sequence[UUID | None]) -> Chain:
    """The chain from the persons of levels 1 to 5; missing and repeated ones are skipped."""
    return chain_in(line_of(persons))
