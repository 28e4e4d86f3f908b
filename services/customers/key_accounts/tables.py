"""Key accounts, their scores, and the policy of these."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, money, numeric, texts


class KeyAccountPolicyRow(CustomersTable, table=True):
    """A version of how key accounts are scored; the newest one holds."""

    __tablename__ = "key_account_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    definition: dict[str, Any] = jsonb()
    set_at: datetime
    set_by: UUID | None
    """None for the version the service came with."""


class KeyAccountRow(CustomersTable, table=True):
    """That a customer is, or was, a key account; at most one stands per customer. Reasons are sealed."""

    __tablename__ = "key_account"
    __table_args__ = (
        Index("key_account_standing", "customer_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("key_account_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    assignee_id: UUID
    words: bytes | None
    named_at: datetime
    named_by: UUID
    ended_at: datetime | None
    ended_by: UUID | None
    end_words: bytes | None
    updated_at: datetime | None = None


class KeyAccountScoreRow(CustomersTable, table=True):
    """A scoring of a customer, never changed. `words` seals why staff said what the data say."""

    __tablename__ = "key_account_score"
    __table_args__ = (Index("key_account_score_customer", "customer_id", "id"),)

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    criteria: dict[str, int] = jsonb()
    said: list[str] = texts()
    score: Decimal = numeric(3, 2)
    monthly: Decimal = money()
    brand_share: Decimal | None = numeric(5, 4, nullable=True)
    days: int
    policy_version: int
    scored_at: datetime
    scored_by: UUID
    words: bytes | None


class PlanItemRow(CustomersTable, table=True):
    """What stands in a customer's plan. `words` seals it; nothing once the person is erased."""

    __tablename__ = "account_plan_item"
    __table_args__ = (Index("account_plan_item_customer", "customer_id", "id"),)

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    kind: str
    words: bytes | None
    amount: Decimal | None = money()
    due_on: date | None
    assignee_id: UUID | None
    state: str
    closed_at: datetime | None
    entered_at: datetime
    entered_by: UUID


class PlanItemVersionRow(CustomersTable, table=True):
    """How something in a plan stood from a moment on."""

    __tablename__ = "account_plan_item_version"

    item_id: UUID = Field(primary_key=True, foreign_key="account_plan_item.id")
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    amount: Decimal | None = money()
    due_on: date | None
    assignee_id: UUID | None
    state: str
    at: datetime
    changed_by: UUID


class AccountRiskRow(CustomersTable, table=True):
    """A risk of a customer. `words` seals what tells of it and what is done; nothing once the person is erased."""

    __tablename__ = "account_risk"
    __table_args__ = (
        CheckConstraint("likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name="account_risk_grades"),
        Index("account_risk_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    kind: str
    likelihood: int
    impact: int
    words: bytes | None
    closed_at: datetime | None
    entered_at: datetime
    entered_by: UUID


class AccountRiskVersionRow(CustomersTable, table=True):
    """How a risk stood from a moment on."""

    __tablename__ = "account_risk_version"

    risk_id: UUID = Field(primary_key=True, foreign_key="account_risk.id")
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    likelihood: int
    impact: int
    closed_at: datetime | None
    at: datetime
    changed_by: UUID


class RelationshipPolicyRow(CustomersTable, table=True):
    """A version of which relationship is aimed for; the newest one holds."""

    __tablename__ = "relationship_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    definition: dict[str, Any] = jsonb()
    set_at: datetime
    set_by: UUID | None
    """None for the version the service came with."""


class CompensationCostRow(CustomersTable, table=True):
    """What was given to a customer beyond the answer to a case, as complaints told of it, at what it cost."""

    __tablename__ = "compensation_cost"
    __table_args__ = (
        Index("compensation_cost_customer", "customer_id", "at"),
        Index("compensation_cost_case", "complaint_id"),
    )

    compensation_id: UUID = Field(primary_key=True)
    customer_id: UUID
    complaint_id: UUID
    kind: str
    cost: Decimal = money()
    at: datetime
    withdrawn: bool
