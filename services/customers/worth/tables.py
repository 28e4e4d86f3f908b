"""What was judged of customers last, how it came there, and whom to look at next."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money, numeric


class WorthMarkRow(CustomersTable, table=True):
    """Who is to be judged anew, because of what; appended by triggers, so nobody who buys waits for a judgement.

    `month` is that of what was entered (`Month.ordinal`); None where it is not about a month. What an import enters or
    takes back is `historical` whenever it was, and so is a score that is said by hand.
    """

    __tablename__ = "worth_mark"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=False)])
    customer_id: UUID
    month: int | None
    historical: bool = Field(sa_column_kwargs={"server_default": "false"})


class CustomerWorthRow(CustomersTable, table=True):
    """What a customer is; without a row it is what a new one is. `version` counts what was told of it under `id`.

    `due_on` is the day on which time alone changes something next; the policy is that of worth which judged last, None
    where that was before it was kept. Amounts in CNY: `monthly` in mid-grade terms,
    `yearly` as paid, `costed` the part of it whose `cost` is known.
    """

    __tablename__ = "customer_worth"
    __table_args__ = (
        Index("customer_worth_due", "due_on", postgresql_where=text("due_on IS NOT NULL")),
        Index("customer_worth_stage", "stage", "customer_id"),
        Index("customer_worth_value", "value", "customer_id"),
        Index("customer_worth_credit", "credit", "customer_id"),
        Index("customer_worth_loyalty", "loyalty", "size", "customer_id"),
    )

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    id: UUID
    version: int
    stage: str
    since: date | None
    loyalty: str
    credit: str | None
    size: str
    value: str
    loyalty_score: Decimal = numeric(5, 2)
    credit_score: Decimal | None = numeric(5, 2)
    monthly: Decimal = money()
    yearly: Decimal = money()
    costed: Decimal = money(sa_column_kwargs={"server_default": "0"})
    cost: Decimal = money(sa_column_kwargs={"server_default": "0"})
    due_on: date | None
    policy_version: int | None
    policy_id: UUID | None


class SegmentChangeRow(CustomersTable, table=True):
    """What a customer came to be, with the scores that said so."""

    __tablename__ = "segment_change"

    customer_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    loyalty: str
    credit: str | None
    size: str
    value: str
    loyalty_score: Decimal = numeric(5, 2)
    credit_score: Decimal | None = numeric(5, 2)
    monthly: Decimal = money()
    profit: Decimal | None = money()
    policy_version: int | None
    policy_id: UUID | None


class StageChangeRow(CustomersTable, table=True):
    """That a customer came into a stage; `since` is the day of it, `at` when that was found."""

    __tablename__ = "stage_change"

    customer_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    from_stage: str
    to_stage: str
    since: date | None
    policy_version: int | None
    policy_id: UUID | None


class WorthPassRow(CustomersTable, table=True):
    """Judging everybody: how far it has come; one is under way at a time."""

    __tablename__ = "worth_pass"
    __table_args__ = (Index("worth_pass_open", text("(true)"), unique=True, postgresql_where=text("done_at IS NULL")),)

    id: UUID = Field(primary_key=True)
    tier_policy: int
    worth_policy: int = Field(sa_column_kwargs={"server_default": "1"})
    fit_id: UUID | None
    asked_at: datetime
    asked_by: UUID | None
    reached: UUID | None
    judged: int
    done_at: datetime | None
    customers: int | None
    keeps: int = Field(sa_column_kwargs={"server_default": "1"})
    """What the release that judges keeps (`domain.KEEPS`)."""


class ValuePlacingRow(CustomersTable, table=True):
    """Whether somebody's yearly sum or its cost has changed since customers were put in their places, and not by
    history alone (`live`), and which margin was taken for what nobody knows the cost of."""

    __tablename__ = "value_placing"

    one: bool = Field(primary_key=True)
    stale: bool
    placed_at: datetime | None
    margin: Decimal | None = numeric(5, 4)
    live: bool = Field(sa_column_kwargs={"server_default": "false"})
