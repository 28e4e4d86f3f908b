"""Who may call what. Every service has a table `POLICY`: operation id -> Access; a route without an entry fails."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.auth.principal import ADMIN, PARTNER, STAFF_ROLES, Principal
from shared.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Access:
    """The roles that may call an operation; `public` ones need no token."""

    roles: frozenset[str] = frozenset()
    public: bool = False

    def check(self, principal: Principal) -> None:
        """Raises Forbidden when the caller carries none of the roles."""
        if not principal.has(*self.roles):
            raise Forbidden("this needs one of the roles " + ", ".join(sorted(self.roles | {ADMIN})))


PolicyTable = Mapping[str, Access]

PUBLIC = Access(public=True)
ADMIN_ONLY = Access(frozenset({ADMIN}))
ANY_STAFF = Access(frozenset(STAFF_ROLES))
STAFF_AND_PARTNERS = Access(frozenset({*STAFF_ROLES, PARTNER}))


def only(*roles: str) -> Access:
    """The given roles (and the administrator, always)."""
    return Access(frozenset(roles))
