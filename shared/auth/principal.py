"""Who asks: the subject of a verified token and the roles it carries."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

ADMIN: Final = "admin"
PARTNER: Final = "partner"
ADMINISTRATION: Final = "admin_dept"
"""The department that keeps the books and checks the others, not the administrator of the system."""
STAFF_ROLES: Final = (
    "beauty_mentor",
    "salesperson",
    "brand_manager",
    "sales_manager",
    "logistics_manager",
    "cs_manager",
    "cs_specialist",
    "general_manager",
    ADMINISTRATION,
)
"""The role codes of the domain's people."""
ALL_ROLES: Final = (*STAFF_ROLES, ADMIN, PARTNER)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `id` is the staff id, or a partner's or the administrator's own id."""

    id: UUID
    roles: frozenset[str]

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles

    def has(self, *roles: str) -> bool:
        """Whether one of `roles` is carried; an administrator carries every role."""
        return self.is_admin or not self.roles.isdisjoint(roles)
