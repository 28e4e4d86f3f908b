"""Brands, regions, departments and staff, and what may be said of them (domain 1, decision 18)."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from shared.auth.principal import ADMIN, PARTNER, Principal
from shared.contracts.customers import Robot
from shared.errors import Forbidden, Invalid, NotFound
from shared.languages import Language
from shared.mail import mail_address
from shared.masking import masked
from shared.phones import mobile
from shared.robots import SIGNING, kind_at

Grade = Literal["mid", "high"]
Channel = Literal["email", "sms", "webhook"]

ADMINISTRATION = ("admin_dept", "general_manager")
"""Who keeps the directory, beside administrators."""

BRAND: Final = "brand:"
LONGEST_CHAIN = 50
"""Supervisors above one person; more is a mistake."""

_HOOK = re.compile(r"^https?://[^\s/]+\S*$")


class EntryNotFound(NotFound):
    slug = "not-listed"
    title = "There is no such entry"


class UnknownDepartment(Invalid):
    slug = "unknown-department"
    title = "There is no such department"


class SupervisorCycle(Invalid):
    slug = "supervisor-cycle"
    title = "Nobody supervises the own supervisor"


class SuccessorRefused(Invalid):
    slug = "successor-refused"
    title = "This person cannot be the successor"


class AddressRefused(Invalid):
    slug = "address-refused"
    title = "The channel cannot reach this address"


class RobotRefused(Invalid):
    """It contradicts the channel or the address, or signs where nobody checks a signature."""

    slug = "robot-refused"
    title = "This group robot cannot be"


class RoleRefused(Invalid):
    slug = "role-refused"
    title = "No colleague has this role"


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """Something that the directory lists by name."""

    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class Brand(DirectoryEntry):
    grade: Grade


@dataclass(frozen=True, slots=True)
class Region(DirectoryEntry):
    """A region; `parent_id` is the one in which it lies."""

    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Department(DirectoryEntry):
    manager_id: UUID | None


@dataclass(frozen=True, slots=True)
class Staff(DirectoryEntry):
    """A colleague by work name. `address` is where the work channel reaches them; None means nowhere yet."""

    role: str
    department_id: UUID | None
    supervisor_id: UUID | None
    channel: Channel
    address: str | None
    language: Language
    active: bool
    successor_id: UUID | None
    skills: Sequence[str] = ()
    """What cases they know best: subject:product, brand:ID, language:en (decision 22d)."""
    robot: Robot | None = None
    """Whose group robot the webhook is; None: nobody's that is known."""
    secret: bytes | None = None
    """Under which messages to it are signed, sealed; nobody reads it but who sends."""

    def brands(self) -> list[UUID]:
        """The brands among the skills."""
        return [UUID(skill.removeprefix(BRAND)) for skill in self.skills if skill.startswith(BRAND)]


def seen_by(staff: Staff, reader: Principal) -> Staff:
    """The entry as the reader may see it: an address is for administration and the person alone (decision 20)."""
    if staff.address is None or reader.is_admin or reader.has(*ADMINISTRATION) or reader.id == staff.id:
        return staff
    return replace(staff, address=None if reader.has(PARTNER) else masked(staff.address))


def check_staff(staff: Staff) -> None:
    """Raises RoleRefused, SupervisorCycle or SuccessorRefused for what is wrong by itself, whoever else there is."""
    if staff.role == PARTNER:
        raise RoleRefused("partners are no staff", pointer="#/role")
    if staff.supervisor_id == staff.id:
        raise SupervisorCycle("nobody supervises themselves", pointer="#/supervisor_id")
    if staff.successor_id is not None and (staff.active or staff.successor_id == staff.id):
        raise SuccessorRefused("only who leaves has a successor, and it is somebody else", pointer="#/successor_id")


def check_right(caller: Principal, before: Staff | None, after: Staff) -> None:
    """Raises Forbidden when somebody but an administrator makes an administrator, or changes the entry of one."""
    if not caller.is_admin and ADMIN in (after.role, before.role if before else after.role):
        raise Forbidden("entries with the role admin are made and changed by administrators alone")


def _hook(address: str) -> str:
    if not _HOOK.match(address):
        raise ValueError("the channel webhook needs an address that begins with https://")
    return address


_FORMS: Mapping[Channel, Callable[[str], str]] = {"email": mail_address, "sms": mobile, "webhook": _hook}
"""Channel -> the form of its addresses, or ValueError."""


def address_for(channel: Channel, address: str | None) -> str | None:
    """The address in the form of its channel. Raises AddressRefused."""
    if address is None:
        return None
    try:
        return _FORMS[channel](address)
    except ValueError as why:
        raise AddressRefused(str(why), pointer="#/address") from None


def with_robot(before: Staff | None, after: Staff, said: Container[str]) -> Staff:
    """The entry with the robot that it has now: one belongs to its address, so another address begins without it and
    its secret unless they are `said`; a host that is known tells whose robot it is. Raises RobotRefused.
    """
    same = before is not None and (before.channel, before.address) == (after.channel, after.address)
    told = kind_at(after.address) if after.channel == "webhook" and after.address else None
    robot = (after.robot if same or "robot" in said else None) or told
    kept = "secret" in said or (same and before is not None and robot == before.robot)
    after = replace(after, robot=robot, secret=after.secret if kept else None)
    _check_robot(after, told)
    return after


def _check_robot(staff: Staff, told: Robot | None) -> None:
    if staff.robot is not None and staff.channel != "webhook":
        raise RobotRefused("only the channel webhook reaches a robot", pointer="#/robot")
    if told is not None and staff.robot != told:
        raise RobotRefused(f"at this address is a robot of {told}", pointer="#/robot")
    if staff.secret is not None and staff.robot not in SIGNING:
        whose = " and ".join(sorted(SIGNING))
        raise RobotRefused(f"only robots of {whose} check a signature; say `robot`", pointer="#/secret")


def check_chain(staff_id: UUID, supervisor_id: UUID | None, supervisor_of: Mapping[UUID, UUID | None]) -> None:
    """Raises SupervisorCycle when the chain above `supervisor_id` comes back to `staff_id` or never ends."""
    above, steps = supervisor_id, 0
    while above is not None:
        steps += 1
        if above == staff_id or steps > LONGEST_CHAIN:
            raise SupervisorCycle("the chain of supervisors would come back to this person", pointer="#/supervisor_id")
        above = supervisor_of.get(above)
