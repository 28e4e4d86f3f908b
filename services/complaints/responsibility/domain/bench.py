"""Who decides about somebody's money: never who has a part in it, and always somebody (domain 3.4, decision 22b).

Administration decides. Where somebody of administration pays, or is rewarded, the general manager does, then the
customer-service manager; on appeal who comes next, too. Where all whom the directory lists in these roles pay or have
decided first, the system's administrator enters what the company has decided.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.auth.principal import ADMIN, ADMINISTRATION, Principal
from shared.errors import Forbidden

DECIDERS: Final = (ADMINISTRATION, "general_manager", "cs_manager")
"""In turn: those of whose role nobody has a part in it come first."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in one of these roles, by work name, and whether they are at work."""

    id: UUID
    name: str
    role: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Bench:
    """Everybody who decides about money where nothing speaks against them, and who did before they left."""

    colleagues: Sequence[Colleague]

    def deciders(
        self, roles_of_parties: Collection[str], *, without: Collection[UUID | None], appealed: bool = False
    ) -> list[str]:
        """The roles that decide what concerns parties of these roles; `without` are who pays or decided first."""
        turn = sorted(DECIDERS, key=lambda role: role in roles_of_parties)
        usual = 2 if appealed else 1
        for number in range(usual, len(turn) + 1):
            if any(self._has_somebody(role, without) for role in turn[:number]):
                return turn[:number]
        return [*turn[:usual], ADMIN]

    def people(self, deciders: Collection[str], *, without: Collection[UUID | None]) -> list[Colleague]:
        """Those of these roles who may, by name."""
        may = [each for each in self.colleagues if each.active and each.role in deciders and each.id not in without]
        return sorted(may, key=lambda each: (each.name, each.id))

    def _has_somebody(self, role: str, without: Collection[UUID | None]) -> bool:
        """Where the directory has never listed anybody in a role, tokens alone say who has it."""
        listed = [each for each in self.colleagues if each.role == role]
        return not listed or any(each.active and each.id not in without for each in listed)


def check(caller: Principal, deciders: Sequence[str], what: str) -> None:
    """Raises Forbidden with the roles that decide."""
    if not caller.has(*deciders):
        raise Forbidden(f"{what} is decided by: " + ", ".join(deciders))
