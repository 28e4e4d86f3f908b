"""What is published of the directory: each entry as it is now, and of staff the change beside it."""

from datetime import datetime
from functools import singledispatch

from services.customers.organisation.domain import Brand, Department, DirectoryEntry, Region, Staff
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import BrandListed, DepartmentListed, RegionListed, StaffChanged, StaffListed


def listed(entry: DirectoryEntry, at: datetime) -> list[Event]:
    """The events that announce an entry as it is now."""
    return [Event.of(fact, aggregate_id=entry.id, version=entry.version, at=at) for fact in _facts_of(entry)]


@singledispatch
def _facts_of(entry: DirectoryEntry) -> list[Fact]:
    raise TypeError(type(entry).__name__)


@_facts_of.register
def _(brand: Brand) -> list[Fact]:
    return [BrandListed(brand_id=brand.id, name=brand.name, grade=brand.grade)]


@_facts_of.register
def _(region: Region) -> list[Fact]:
    return [RegionListed(region_id=region.id, name=region.name)]


@_facts_of.register
def _(department: Department) -> list[Fact]:
    return [DepartmentListed(department_id=department.id, name=department.name, manager_id=department.manager_id)]


@_facts_of.register
def _(staff: Staff) -> list[Fact]:
    listed = StaffListed(
        staff_id=staff.id,
        name=staff.name,
        role=staff.role,
        department_id=staff.department_id,
        supervisor_id=staff.supervisor_id,
        channel=staff.channel,
        address=staff.address,
        language=staff.language,
        active=staff.active,
        successor_id=staff.successor_id,
    )
    changed = StaffChanged(
        staff_id=staff.id,
        role=staff.role,
        department_id=staff.department_id,
        supervisor_id=staff.supervisor_id,
        active=staff.active,
        successor_id=staff.successor_id,
    )
    return [listed, changed]
