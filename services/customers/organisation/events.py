"""What is published of the company's own things: each entry of the directory, and staff as a fact beside it."""

from functools import singledispatch

from services.customers.organisation.domain import Brand, Department, Listed, Region, Staff
from shared.contracts.base import Fact
from shared.contracts.customers import BrandListed, DepartmentListed, RegionListed, StaffChanged, StaffListed


@singledispatch
def facts_of(thing: Listed) -> list[Fact]:
    """The facts that announce a thing as it is now."""
    raise TypeError(type(thing).__name__)


@facts_of.register
def _(brand: Brand) -> list[Fact]:
    return [BrandListed(brand_id=brand.id, name=brand.name, grade=brand.grade)]


@facts_of.register
def _(region: Region) -> list[Fact]:
    return [RegionListed(region_id=region.id, name=region.name)]


@facts_of.register
def _(department: Department) -> list[Fact]:
    return [DepartmentListed(department_id=department.id, name=department.name, manager_id=department.manager_id)]


@facts_of.register
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
