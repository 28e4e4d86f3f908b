"""Account teams, and who may sit in one (domain 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.auth.principal import STAFF_ROLES
from shared.errors import Invalid

SERVING = frozenset(STAFF_ROLES)
SEAT = "team."
"""Before a role: how the history calls that seat."""


class TeamRefused(Invalid):
    slug = "team-refused"
    title = "This team cannot be seated"


@dataclass(frozen=True, slots=True)
class Team:
    """A customer's account team. `version` is the customer's when it last changed; None: it never had one."""

    version: int | None
    seats: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the account team, by work name."""

    id: UUID
    name: str


def check_roles(seats: Mapping[str, UUID]) -> None:
    """Raises TeamRefused for a seat that no team has."""
    for role in seats:
        if role not in SERVING:
            raise TeamRefused("a seat is one of " + ", ".join(STAFF_ROLES), pointer=f"#/{role}")


def check_staff(seats: Mapping[str, UUID], roles: Mapping[UUID, str]) -> None:
    """Raises TeamRefused unless each is at work in a role that serves customers, whichever it is."""
    for seat, staff_id in seats.items():
        if staff_id not in roles:
            raise TeamRefused("nobody at work has this id", pointer=f"#/{seat}")
        if roles[staff_id] not in SERVING:
            raise TeamRefused(f"the role {roles[staff_id]} does not serve customers", pointer=f"#/{seat}")
