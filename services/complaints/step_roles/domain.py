"""Who may do which step (domain 3.2): a table with versions, and three rules that no version changes.

Nobody inspects a case that they handled or executed, nobody judges a case against themselves, and nobody against whom
one is in person writes the company's reply. Where the handler or the accountable person is of administration, the
general manager inspects, settles and judges in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from services.complaints.cases.domain import OwnCase
from shared.auth.principal import Principal
from shared.errors import Forbidden, Invalid

Act: TypeAlias = Literal["investigate", "propose", "execute", "inspect", "settle", "reply", "judge"]
Doer: TypeAlias = Literal[
    "accountable",
    "supervisor",
    "department",
    "handler",
    "recorder",
    "beauty_mentor",
    "salesperson",
    "brand_manager",
    "sales_manager",
    "logistics_manager",
    "cs_manager",
    "cs_specialist",
    "general_manager",
    "admin_dept",
]
"""A role, or a part in the case: the accountable person, their supervisor, who is of their department, the handler, who
recorded it."""

OF_ADMINISTRATION: Final[tuple[Act, ...]] = ("inspect", "settle", "judge")
"""What the general manager does in the place of administration in its own cases."""
PAST: Final = ("cs_specialist", "cs_manager", "admin_dept")
"""Who enters what was done before a case was taken over: the table says nothing about the past."""


@dataclass(frozen=True, slots=True)
class StepRoles:
    """A version of the table: who may do what."""

    version: int
    doers: Mapping[str, Sequence[str]]

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "StepRoles":
        return cls(version, definition["doers"])


@dataclass(frozen=True, slots=True)
class Parts:
    """Who has which part in a case at this moment; the line is the accountable person's."""

    accountable: frozenset[UUID]
    """The person, and who has taken over from them."""
    supervisor: UUID | None
    department: bool
    """Whether the one who asks is of the accountable person's department."""
    handler: UUID | None
    recorder: UUID | None
    of_administration: bool
    """Whether the handler or the accountable person is of administration."""
    in_person: bool = False
    """Whether the case is against the accountable person themself, not a department or product they answer for."""
    involved: frozenset[UUID] = frozenset()
    """Who handled or executed the case at any time."""

    def has(self, part: str, caller: Principal) -> bool:
        """Whether the caller has this part in the case, or this role."""
        match part:
            case "accountable":
                return caller.id in self.accountable
            case "supervisor":
                return caller.id == self.supervisor
            case "department":
                return self.department
            case "handler":
                return caller.id == self.handler
            case "recorder":
                return caller.id == self.recorder
            case role:
                return caller.has(role)


NEVER: Final[Mapping[str, frozenset[str]]] = {
    "inspect": frozenset({"handler", "accountable"}),
    "judge": frozenset({"accountable"}),
    "reply": frozenset({"accountable"}),
}
"""Who never does an act, whatever the table says (OwnCase); who answers for a department or product may reply."""


class NobodyMay(Invalid):
    slug = "nobody-may"
    title = "Nobody could do this step"


def check_doable(doers: Mapping[str, Sequence[str]]) -> None:
    """Raises NobodyMay for a table that gives an act only to those who never do it."""
    for act, those in doers.items():
        if not set(those) - NEVER.get(act, frozenset()):
            never = " and ".join(sorted(NEVER.get(act, ())))
            raise NobodyMay(f"{act} is never done by {never}; name others too", pointer=f"#/doers/{act}")


def check_own(act: Act, caller: Principal, parts: Parts, owner_id: UUID | None = None) -> None:
    """Raises OwnCase: asked before the role. The administrator of the system has no part in a case."""
    if act == "judge" and caller.id in parts.accountable:
        raise OwnCase("whom a case is against does not judge it")
    if act == "reply" and parts.in_person and {caller.id, owner_id} & parts.accountable:
        raise OwnCase("whom a case is against does not reply in the company's name; administration or a colleague does")
    if act != "inspect":
        return
    if owner_id in parts.involved or (caller.id in parts.involved and not caller.is_admin):
        raise OwnCase("who handled or executed a case does not inspect it")


def doers_of(act: Act, parts: Parts, roles: StepRoles) -> Sequence[str]:
    """Whom the table gives this to in a case."""
    if parts.of_administration and act in OF_ADMINISTRATION:
        return ["general_manager"]
    if parts.of_administration and act == "reply":  # where its only person is accused, somebody replies nevertheless
        return [*roles.doers[act], "general_manager"]
    return roles.doers[act]


def check_may(act: Act, caller: Principal, parts: Parts, roles: StepRoles) -> None:
    """Raises Forbidden when the table gives this to others."""
    doers = doers_of(act, parts, roles)
    if not caller.is_admin and not any(parts.has(doer, caller) for doer in doers):
        raise Forbidden(f"in this case {act} is for: " + ", ".join(doers))


def may(act: Act, caller: Principal, parts: Parts, roles: StepRoles) -> bool:
    """Whether nothing of this refuses the caller."""
    try:
        check_own(act, caller, parts)
        check_may(act, caller, parts, roles)
    except Forbidden:
        return False
    return True


def check_past(caller: Principal) -> None:
    """Raises Forbidden for others than customer service and administration, who take cases over."""
    if not caller.has(*PAST):
        raise Forbidden("what was done before the takeover is entered by: " + ", ".join(PAST))
