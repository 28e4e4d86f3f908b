"""Contracts, the steps of their ending, and the versions of the rules."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb

_PLACE = func.int4range(text("lowest"), text("highest"))
_TIME = func.daterange(text("starts_on"), text("ends_on"))

_END_AHEAD = text("withdrawn_at IS NULL AND told_end IS DISTINCT FROM ends_on")
"""Contracts whose end nobody has been told of."""


def _guard(rule: str) -> Any:
    """Overlaps that of an earlier contract just where the rule holds for the later one of the two."""
    return text(f"(CASE WHEN {rule} THEN int8range(NULL, serial, '(]') ELSE int8range(serial, serial, '[]') END)")


class ContractRow(CustomersTable, table=True):
    """A franchise contract, from `starts_on` until before `ends_on`.

    `lowest` and `highest` are those of its region, `grade` is that of its brand: they follow by the keys. Of each rule
    it says whether it held when the contract was signed; `serial` counts contracts, so that a rule that begins to hold
    refuses what is signed from then on beside anything that stands.
    """

    __tablename__ = "contract"
    __table_args__ = (
        ForeignKeyConstraint(
            ["region_id", "lowest", "highest"],
            ["region.id", "region.lowest", "region.highest"],
            name="contract_place",
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(
            ["brand_id", "grade"], ["brand.id", "brand.grade"], name="contract_grade", onupdate="CASCADE"
        ),
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="contract_has_a_day"),
        ExcludeConstraint(
            (text("brand_id"), "="),
            (_PLACE, "&&"),
            (_TIME, "&&"),
            (_guard("same_brand"), "&&"),
            name="contract_same_brand",
            where=text("withdrawn_at IS NULL"),
            deferrable=True,
        ),
        ExcludeConstraint(
            (text("customer_id"), "="),
            (text("grade"), "="),
            (text("brand_id"), "<>"),
            (_TIME, "&&"),
            (_guard("same_grade"), "&&"),
            name="contract_same_grade",
            where=text("withdrawn_at IS NULL"),
            deferrable=True,
        ),
        ExcludeConstraint(
            (text("grade"), "="),
            (text("customer_id"), "<>"),
            (_PLACE, "&&"),
            (_TIME, "&&"),
            (_guard("region_grade"), "&&"),
            name="contract_region_grade",
            where=text("withdrawn_at IS NULL"),
            deferrable=True,
        ),
        Index("contract_customer", "customer_id", "id"),
        Index("contract_brand", "brand_id", "id"),
        Index("contract_region", "region_id", "id"),
        Index("contract_end", "ends_on", "id", postgresql_where=_END_AHEAD),
        Index("contract_external_no", "external_no", unique=True, postgresql_where=text("external_no IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    brand_id: UUID
    grade: str
    region_id: UUID
    lowest: int
    highest: int
    starts_on: date
    ends_on: date | None
    external_no: str | None
    serial: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    same_brand: bool
    same_grade: bool
    region_grade: bool
    policy_version: int
    signed_at: datetime
    signed_by: UUID
    asked_end: date | None
    withdrawn_at: datetime | None
    told_end: date | None
    """The last day of which it was told that it is over."""


class ContractStepRow(CustomersTable, table=True):
    """A step of the ending of a contract; `words` are sealed."""

    __tablename__ = "contract_step"
    __table_args__ = (
        CheckConstraint("step IN ('confirm', 'approve', 'letter', 'aftercare')", name="contract_step_known"),
    )

    contract_id: UUID = Field(primary_key=True, foreign_key="contract.id")
    step: str = Field(primary_key=True)
    done_at: datetime
    done_by: UUID
    words: bytes | None


class ContractCorrectionRow(CustomersTable, table=True):
    """What was put right of a contract: the fields that changed, before and after; `reason` is sealed."""

    __tablename__ = "contract_correction"
    __table_args__ = (Index("contract_correction_of", "contract_id", "id"),)

    id: UUID = Field(primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id")
    version: int
    made_at: datetime
    made_by: UUID
    before: dict[str, Any] = jsonb()
    after: dict[str, Any] = jsonb()
    reason: bytes | None


class NetworkPolicyRow(CustomersTable, table=True):
    """A version of the rules; what is signed from `starts_on` on is judged by it."""

    __tablename__ = "network_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    same_brand: bool
    same_grade: bool
    region_grade: bool
    starts_on: date
    announced_on: date
