"""What is published of the directory: each entry as it is now, and of staff the change beside it."""

from dataclasses import asdict
from datetime import datetime

from services.customers.organisation.domain import Brand, Department, DirectoryEntry, Region, Staff
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import BrandListed, DepartmentListed, RegionListed, StaffChanged, StaffListed


def listed(entry: DirectoryEntry, at: datetime) -> list[Event]:
    """The events that announce an entry as it is now."""
    return [Event.of(fact, aggregate_id=entry.id, version=entry.version, at=at) for fact in _facts_of(entry)]


def _facts_of(entry: DirectoryEntry) -> list[Fact]:
    match entry:
        case Brand():
            return [BrandListed(brand_id=entry.id, name=entry.name, grade=entry.grade)]
        case Region():
            return [RegionListed(region_id=entry.id, name=entry.name)]
        case Department():
            return [DepartmentListed(department_id=entry.id, name=entry.name, manager_id=entry.manager_id)]
        case Staff():
            fields = {"staff_id": entry.id, **asdict(entry)}
            return [StaffListed.model_validate(fields), StaffChanged.model_validate(fields)]
    raise TypeError(type(entry).__name__)
