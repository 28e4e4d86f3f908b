"""When models are fitted, what a run comes to, and which fit is in use."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from services.customers.churn_model.domain.buying import BuyingModel
from services.customers.churn_model.domain.fits import BothFits, FitOutcome
from services.customers.churn_model.domain.spending import SpendingModel

M = TypeVar("M")


def last_night(now: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """The latest moment at which a fit was due, at the hour of the company's zone."""
    here = now.astimezone(zone)
    night = datetime.combine(here.date(), time(hour), zone)
    return night if night <= here else datetime.combine(here.date() - timedelta(days=1), time(hour), zone)


@dataclass(frozen=True, slots=True)
class ChurnFit:
    """A run: asked for, then finished with its outcome. Who `asked_by` is None was the schedule.

    The model of purchases (r, alpha in days, a, b) and that of amounts (p, q, v in CNY) each have their outcome; a fit
    is in use when that of purchases has converged. Likelihoods are natural logarithms, of all customers together.
    """

    id: UUID
    asked_at: datetime
    asked_by: UUID | None
    fitted_on: date | None = None
    finished_at: datetime | None = None
    milliseconds: int | None = None
    outcome: FitOutcome | None = None
    customers: int | None = None
    repeating: int | None = None
    days: int | None = None
    steps: int | None = None
    r: float | None = None
    alpha: float | None = None
    a: float | None = None
    b: float | None = None
    log_likelihood: float | None = None
    amount_outcome: FitOutcome | None = None
    p: float | None = None
    q: float | None = None
    v: float | None = None
    amount_log_likelihood: float | None = None

    def finished(self, said: BothFits | FitOutcome, on: date, at: datetime, milliseconds: int) -> Self:
        """With what came of it, as of a day."""
        ended = replace(self, fitted_on=on, finished_at=at, milliseconds=milliseconds)
        if isinstance(said, FitOutcome):
            return replace(ended, outcome=said)
        buying, spending = said.buying, said.spending
        r, alpha, a, b = buying.parameters or (None,) * 4
        p, q, v = spending.parameters or (None,) * 3
        return replace(
            ended,
            outcome=buying.outcome,
            customers=said.customers,
            repeating=said.repeating,
            days=said.days,
            steps=buying.steps,
            r=r,
            alpha=alpha,
            a=a,
            b=b,
            log_likelihood=buying.log_likelihood,
            amount_outcome=spending.outcome,
            p=p,
            q=q,
            v=v,
            amount_log_likelihood=spending.log_likelihood,
        )

    @property
    def buying(self) -> BuyingModel | None:
        """The model of purchases, where it has converged."""
        return _made(BuyingModel, self.r, self.alpha, self.a, self.b)

    @property
    def spending(self) -> SpendingModel | None:
        """The model of amounts, where that has converged."""
        return _made(SpendingModel, self.p, self.q, self.v)


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """The last fit that has converged, and the last that ran: where it is another, that one came to nothing."""

    fit: ChurnFit | None
    latest: ChurnFit | None

    @property
    def trouble(self) -> FitOutcome | None:
        """Why the latest run gave no fit; None where it did, or where none has run."""
        return None if self.latest is None or self.latest.outcome == FitOutcome.CONVERGED else self.latest.outcome


def _made(model: Callable[..., M], *parameters: float | None) -> M | None:
    return None if None in parameters else model(*parameters)
