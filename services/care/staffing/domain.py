"""Who is responsible for a role towards a customer (decision 25); who left is followed to the end (decision 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.succession import at_work


@dataclass(frozen=True, slots=True)
class Colleague:
    """What planning needs to know of a staff member."""

    active: bool
    successor_id: UUID | None = None
    supervisor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """The colleagues who matter, and who may stand in for a role that nobody has, whoever comes first."""

    colleagues: Mapping[UUID, Colleague]
    stand_ins: Mapping[str, Sequence[UUID]]

    def responsible(self, team: Mapping[str, UUID], role: str) -> UUID | None:
        """The team's person or their successor; without one in the team the role's supervisor; None: unassigned.

        Whoever left without a successor leaves the task to the list of unassigned ones, and so does a team whose last
        member has left.
        """
        if not team:
            return None
        named = team.get(role)
        return self._stand_in(role) if named is None else self.heir(named)

    def _stand_in(self, role: str) -> UUID | None:
        """The first of those who may stand in, or who follows them."""
        return next(filter(None, map(self.heir, self.stand_ins.get(role, ()))), None)

    def heir(self, staff_id: UUID) -> UUID | None:
        """The person, or who took over from them."""
        return at_work(self.colleagues, staff_id)

    def supervisor(self, staff_id: UUID | None) -> UUID | None:
        """The one in the staff record (domain 4.1), or who took over from them."""
        colleague = self.colleagues.get(staff_id) if staff_id else None
        return at_work(self.colleagues, colleague.supervisor_id) if colleague else None
