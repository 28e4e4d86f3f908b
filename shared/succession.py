"""Who follows a person who left (decision 17), one rule for every service that reaches people."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID


class Place(Protocol):
    """What the rule needs to know of a colleague."""

    @property
    def active(self) -> bool: ...
    @property
    def successor_id(self) -> UUID | None: ...
    @property
    def supervisor_id(self) -> UUID | None: ...


def at_work(people: Mapping[UUID, Place], staff_id: UUID | None) -> UUID | None:
    """The person, or who has taken over from them, through as many successors as there are.

    None where somebody on the way left and named nobody. A ring of successors ends at the supervisor of the person
    asked for, who is followed alike. Whom the directory has not listed yet counts as being at work.
    """
    met: set[UUID] = set()
    asked = staff_id
    while staff_id is not None:
        place = people.get(staff_id)
        if place is None or place.active:
            return staff_id
        met.add(staff_id)
        staff_id = place.successor_id
        if staff_id in met:
            staff_id = asked = _supervisor(people, asked, met)
    return None


def _supervisor(people: Mapping[UUID, Place], staff_id: UUID | None, met: set[UUID]) -> UUID | None:
    """The supervisor, unless the way has come past them already: then the ring closes over them as well."""
    place = people.get(staff_id) if staff_id is not None else None
    return None if place is None or place.supervisor_id in met else place.supervisor_id
