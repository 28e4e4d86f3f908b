"""Fits of the models, and the chance of each customer as the last run judged it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable


class ChurnFitRow(CustomersTable, table=True):
    """A run: asked for, then finished; rows are never changed after that."""

    __tablename__ = "churn_fit"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (outcome IS NULL)", name="churn_fit_ends_with_an_outcome"),
        CheckConstraint(
            "(coalesce(outcome, '') = 'converged') = (num_nonnulls(r, alpha, a, b, log_likelihood) = 5)",
            name="churn_fit_converged_has_parameters",
        ),
        Index("churn_fit_unfinished", "id", postgresql_where=text("finished_at IS NULL")),
        Index("churn_fit_converged", "id", postgresql_where=text("outcome = 'converged'")),
        Index("churn_fit_nightly", "asked_at", postgresql_where=text("asked_by IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    asked_at: datetime
    asked_by: UUID | None
    """None: the schedule."""
    fitted_on: date | None
    """As of the end of this day, in the company's zone."""
    finished_at: datetime | None
    milliseconds: int | None
    outcome: str | None
    customers: int | None
    repeating: int | None
    days: int | None
    steps: int | None
    r: float | None
    alpha: float | None
    a: float | None
    b: float | None
    log_likelihood: float | None
    amount_outcome: str | None
    p: float | None
    q: float | None
    v: float | None
    amount_log_likelihood: float | None


class ExpectationRow(CustomersTable, table=True):
    """The chance that a customer still buys, as a run judged it, for the list; written by runs alone."""

    __tablename__ = "expectation"
    __table_args__ = (Index("expectation_alive", "alive", "customer_id"),)

    customer_id: UUID = Field(primary_key=True)
    fit_id: UUID
    """The run that judged it."""
    judged_on: date
    alive: float
