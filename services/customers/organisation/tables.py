"""Brands, regions, departments and staff."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import texts


class BrandRow(CustomersTable, table=True):
    """A brand with its grade (domain 1)."""

    __tablename__ = "brand"
    __table_args__ = (
        CheckConstraint("grade IN ('mid', 'high')", name="brand_grade"),
        UniqueConstraint("id", "grade", name="brand_with_grade"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    grade: str


class RegionRow(CustomersTable, table=True):
    """A region, perhaps in another one. `lowest` and `highest` number the tree: the interval of a region holds those of
    the regions in it (`network.domain`)."""

    __tablename__ = "region"
    __table_args__ = (
        UniqueConstraint("id", "lowest", "highest", name="region_numbers"),
        CheckConstraint("parent_id <> id", name="region_own_parent"),
        Index("region_parent", "parent_id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    parent_id: UUID | None = Field(foreign_key="region.id")
    lowest: int = Field(sa_column_kwargs={"server_default": "0"})
    highest: int = Field(sa_column_kwargs={"server_default": "0"})


class DepartmentRow(CustomersTable, table=True):
    """A department; it and its manager point at each other, so one of the two keys is added afterwards."""

    __tablename__ = "department"
    __table_args__ = (Index("department_manager", "manager_id"),)

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    manager_id: UUID | None = Field(sa_column=Column(ForeignKey("staff.id", name="department_manager", use_alter=True)))


class StaffRow(CustomersTable, table=True):
    """A colleague by work name, with the work contact that the channel of choice needs (decision 18)."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("supervisor_id <> id", name="staff_own_supervisor"),
        Index("staff_supervisor", "supervisor_id"),
        Index("staff_department", "department_id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    role: str
    department_id: UUID | None = Field(foreign_key="department.id")
    supervisor_id: UUID | None = Field(foreign_key="staff.id")
    channel: str
    address: str | None
    language: str
    active: bool
    successor_id: UUID | None = Field(foreign_key="staff.id")
    skills: list[str] = texts(sa_column_kwargs={"server_default": "{}"})
    robot: str | None = None
    """Whose group robot the webhook is."""
    secret: bytes | None = None
    """Sealed: under which messages to it are signed."""
    contact_told: int | None = None
    """The version in which the contact was told last; releases that told it in the directory leave it as it is."""
