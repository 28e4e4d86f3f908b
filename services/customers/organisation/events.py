"""What is published of the directory: each entry as it is now, and of staff the change and the contact beside it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.customers.organisation.domain import Brand, Department, DirectoryEntry, Region, Staff
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import (
    BrandListed,
    DepartmentListed,
    RegionListed,
    StaffChanged,
    StaffContactListed,
    StaffListed,
)


def listed(entry: DirectoryEntry, at: datetime, secret: str | None = None) -> list[Event]:
    """The events that announce an entry as it is now; `secret` is that of a colleague's robot, opened."""
    return [Event.of(fact, aggregate_id=entry.id, version=entry.version, at=at) for fact in _facts_of(entry, secret)]


def _facts_of(entry: DirectoryEntry, secret: str | None) -> list[Fact]:
    match entry:
        case Brand():
            return [BrandListed(brand_id=entry.id, name=entry.name, grade=entry.grade)]
        case Region():
            return [RegionListed(region_id=entry.id, name=entry.name, parent_id=entry.parent_id)]
        case Department():
            return [DepartmentListed(department_id=entry.id, name=entry.name, manager_id=entry.manager_id)]
        case Staff():
            return [_listing(entry), StaffChanged.model_validate(_fields(entry)), _contact(entry, secret)]
    raise TypeError(type(entry).__name__)


def contact_again(staff: Staff, at: datetime, secret: str | None) -> list[Event]:
    """What tells once more where a colleague is reached; nothing of the entry has changed.

    The listing comes along: what older releases listed had the address in it, and a broker keeps the last of a key.
    """
    facts: tuple[Fact, ...] = (_listing(staff), _contact(staff, secret))
    return [Event.of(fact, aggregate_id=staff.id, version=staff.version, at=at, historical=True) for fact in facts]


def _listing(staff: Staff) -> StaffListed:
    """Without the address, which is not for every reader of the directory (decision 20)."""
    return StaffListed.model_validate({**_fields(staff), "address": None})


def _contact(staff: Staff, secret: str | None) -> StaffContactListed:
    return StaffContactListed(
        staff_id=staff.id, channel=staff.channel, address=staff.address, robot=staff.robot, secret=secret
    )


def _fields(staff: Staff) -> dict[str, Any]:
    """Of the listing; robot and secret are the contact's alone."""
    fields = asdict(staff)
    del fields["robot"], fields["secret"]
    return {"staff_id": staff.id, **fields}
