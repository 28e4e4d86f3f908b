"""Who is responsible for a role towards a customer (decision 25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

_LONGEST_CHAIN = 10


@dataclass(frozen=True, slots=True)
class Colleague:
    """What planning needs to know of a staff member."""

    active: bool
    successor_id: UUID | None = None
    supervisor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """The colleagues who matter, and who stands in for a role that nobody has: the supervisor of those in it."""

    colleagues: Mapping[UUID, Colleague]
    stand_ins: Mapping[str, UUID]

    def responsible(self, team: Mapping[str, UUID], role: str) -> UUID | None:
        """The team's person or their successor; without one in the team the role's supervisor; None: unassigned.

        Whoever left without a successor leaves the task to the list of unassigned ones, and so does a team whose last
        member has left.
        """
        if not team:
            return None
        named = team.get(role)
        return self.stand_ins.get(role) if named is None else self.heir(named)

    def heir(self, staff_id: UUID) -> UUID | None:
        """The person, or who took over from them; somebody the directory has not listed yet counts as active."""
        for _ in range(_LONGEST_CHAIN):
            colleague = self.colleagues.get(staff_id)
            if colleague is None or colleague.active:
                return staff_id
            if colleague.successor_id is None:
                return None
            staff_id = colleague.successor_id
        return None

    def supervisor(self, staff_id: UUID | None) -> UUID | None:
        """The one in the staff record (domain 4.1)."""
        colleague = self.colleagues.get(staff_id) if staff_id else None
        return colleague.supervisor_id if colleague else None
