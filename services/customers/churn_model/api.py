"""Routes of what is to be expected of customers, and of the fits by which it is told."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.churn_model import queries
from services.customers.churn_model.domain.expectations import ByRule, Expectation
from services.customers.churn_model.domain.fits import FitOutcome
from services.customers.churn_model.domain.schedule import ChurnFit, ModelInUse
from services.customers.churn_model.handlers import runs
from services.customers.churn_model.queries import Listed
from services.customers.context import Context
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.references import CustomerNotFound

routes = router("/customers/v1", "churn model")

BY_CHANCE: Order[Listed, tuple[float, UUID]] = Order(
    lambda each: (each.alive, each.expected.customer_id), lambda alive, id_: (float(alive), UUID(id_))
)

DaysAhead = Annotated[
    int | None,
    Query(ge=1, le=1825, description="for how many days ahead; as many as the policy of worth says unless said"),
]
Interval = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]


class AmountModelOut(BaseModel):
    """A fit of the model of amounts (Gamma-Gamma)."""

    model_config = ConfigDict(from_attributes=True)

    p: float = Field(description="how alike the purchases of one customer are: the shape of their amounts")
    q: float = Field(description="how alike customers are: the shape of their scales")
    v: float = Field(description="the scale of customers' scales, in CNY")


class PurchaseModelOut(BaseModel):
    """A fit of the model of purchases (BG/NBD)."""

    model_config = ConfigDict(from_attributes=True)

    r: float = Field(description="the shape of customers' rates")
    alpha: float = Field(description="the scale of customers' rates, in days")
    a: float = Field(description="the first shape of customers' chances of leaving after a repeat purchase")
    b: float = Field(description="the second shape of these")


class ChurnFitOut(BaseModel):
    """A run that fits the models."""

    id: UUID
    asked_at: datetime = Field(description="when it was asked for")
    asked_by: UUID | None = Field(description="the staff id of who asked for it; null: the schedule")
    finished_at: datetime | None = Field(description="when it ended; null while it waits or is under way")
    fitted_on: date | None = Field(description="the day until whose end purchases count, in the company's zone")
    milliseconds: int | None = Field(description="how long it took")
    outcome: FitOutcome | None = Field(description="whether the model of purchases has converged, and why it has not")
    amount_outcome: FitOutcome | None = Field(description="the same of the model of amounts")
    customers: int | None = Field(description="how many customers have bought something")
    repeating: int | None = Field(description="how many of them on more than one day")
    days: int | None = Field(description="over how many days, from the first purchase of all")
    steps: int | None = Field(description="how many steps it took to converge")
    purchases: PurchaseModelOut | None = Field(description="the model of purchases; null where it has not converged")
    amounts: AmountModelOut | None = Field(description="the model of amounts; null where it has not converged")
    log_likelihood: float | None = Field(description="of the model of purchases, natural logarithm")
    amount_log_likelihood: float | None = Field(description="of the model of amounts, natural logarithm")

    @classmethod
    def of(cls, fit: ChurnFit) -> Self:
        buying, spending = fit.buying, fit.spending
        return cls(
            id=fit.id,
            asked_at=fit.asked_at,
            asked_by=fit.asked_by,
            finished_at=fit.finished_at,
            fitted_on=fit.fitted_on,
            milliseconds=fit.milliseconds,
            outcome=fit.outcome,
            amount_outcome=fit.amount_outcome,
            customers=fit.customers,
            repeating=fit.repeating,
            days=fit.days,
            steps=fit.steps,
            purchases=PurchaseModelOut.model_validate(buying) if buying else None,
            amounts=AmountModelOut.model_validate(spending) if spending else None,
            log_likelihood=fit.log_likelihood,
            amount_log_likelihood=fit.amount_log_likelihood,
        )


class ChurnModelOut(BaseModel):
    """Which fit is in use. Where the latest run came to nothing, that is the one before; without any, the plain rule
    stands alone."""

    in_use: ChurnFitOut | None = Field(description="the last fit that has converged; null: none yet")
    latest: ChurnFitOut | None = Field(description="the last run that ended; null: none yet")
    trouble: FitOutcome | None = Field(description="why the latest run gave no fit; null where it did, or none has run")

    @classmethod
    def of(cls, model: ModelInUse) -> Self:
        return cls(
            in_use=ChurnFitOut.of(model.fit) if model.fit else None,
            latest=ChurnFitOut.of(model.latest) if model.latest else None,
            trouble=model.trouble,
        )


class ByRuleOut(BaseModel):
    """What the plain rule of a customer's own rhythm says."""

    lost: bool = Field(
        description="whether it is lost: longer without a purchase than three times its rhythm and 90 days"
    )
    lost_on: date | None = Field(description="from when on it is lost unless it buys; null for who is")
    interval_days: Interval | None = Field(description="its own rhythm in days; null before the second purchase")
    purchases: float | None = Field(description="how many are to come if the rhythm goes on; null where there is none")
    value: Sum | None = Field(description="CNY: what these are worth by its own mean; null where there is none")

    @classmethod
    def of(cls, rule: ByRule) -> Self:
        return cls(
            lost=rule.lost,
            lost_on=rule.lost_on,
            interval_days=rule.interval_days,
            purchases=_rounded(rule.purchases),
            value=rule.value,
        )


class ExpectedOut(BaseModel):
    """What is to be expected of a customer, by the models and by the plain rule."""

    customer_id: UUID
    as_of: date = Field(description="the day at whose end this holds, in the company's zone")
    days: int = Field(description="for how many days ahead")
    repeat_purchases: int | None = Field(
        description="on how many days it bought after the first; null for who never bought"
    )
    alive: float | None = Field(
        description="the chance that it still buys, 0 to 1; null without a fit, or before a second day with a purchase"
    )
    purchases: float | None = Field(description="on how many days it is expected to buy; null without a fit")
    amount: Sum | None = Field(
        description="CNY: what is expected of such a day; by its own mean where the model of amounts has no fit"
    )
    value: Sum | None = Field(description="CNY: what is expected of all of them together; null without a fit")
    rule: ByRuleOut | None = Field(description="what the plain rule says; null for who never bought")

    @classmethod
    def of(cls, expected: Expectation) -> Self:
        return cls(
            customer_id=expected.customer_id,
            as_of=expected.as_of,
            days=expected.days,
            repeat_purchases=expected.repeat_purchases,
            alive=_rounded(expected.alive),
            purchases=_rounded(expected.purchases),
            amount=expected.amount,
            value=expected.value,
            rule=ByRuleOut.of(expected.rule) if expected.rule else None,
        )


class CustomerExpectedOut(ExpectedOut):
    """The same, with the fit by which it is told."""

    fit_id: UUID | None = Field(
        description="the fit by which it is told; null: none has converged yet, the rule stands"
    )
    fitted_on: date | None = Field(description="the day of that fit")
    trouble: FitOutcome | None = Field(
        description="why the latest run gave no fit, so that an older one or none is used"
    )


class ExpectedPageOut(Page[ExpectedOut]):
    """A page of what is to be expected, with the fit by which it is told."""

    fit_id: UUID | None = Field(
        description="the fit by which it is told; null: none has converged yet: nobody stands here"
    )
    fitted_on: date | None = Field(description="the day of that fit")
    trouble: FitOutcome | None = Field(
        description="why the latest run gave no fit, so that an older one or none is used; null: it did, or none ran"
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


@routes.get("/churn-model")
async def read_churn_model(context: Injected[Context]) -> ChurnModelOut:
    """The models in use, and what came of the latest run."""
    return ChurnModelOut.of(await queries.in_use(context))


@routes.get("/churn-model/fits")
async def list_churn_fits(context: Injected[Context], paging: Paging) -> Page[ChurnFitOut]:
    """Runs, the latest first."""
    return await paging.page(BY_ID, {}, partial(queries.fits, context), ChurnFitOut.of)


@routes.post("/churn-model/fits", status_code=202)
async def ask_churn_fit(context: Injected[Context], caller: Caller, response: Response) -> ChurnFitOut:
    """Has the models fitted now, by a worker; where a run waits already or is under way, it is that one."""
    asked = await runs.ask(context, by=caller.id)
    response.headers["Location"] = "/customers/v1/churn-model/fits"
    return ChurnFitOut.of(asked)


@routes.get("/customers/{customer_id}/expected")
@raises(CustomerNotFound)
async def read_expected(
    customer_id: UUID, context: Injected[Context], caller: Caller, days: DaysAhead = None
) -> CustomerExpectedOut:
    """Whether a customer still buys, how often it will and for how much, as of today."""
    model = await queries.in_use(context)
    found = await queries.of_customer(context, customer_id, model, days, viewer=viewer(caller))
    return CustomerExpectedOut(**ExpectedOut.of(found).model_dump(), **_fit(model))


def _fit(model: ModelInUse) -> dict[str, Any]:
    """By which fit it is told, and why not by the latest run."""
    fit = model.fit
    return {
        "fit_id": fit.id if fit else None,
        "fitted_on": fit.fitted_on if fit else None,
        "trouble": model.trouble,
    }


@routes.get("/expected")
async def list_expected(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    tier: Annotated[Tier | None, Query(description="only customers of this tier")] = None,
    region_id: Annotated[UUID | None, Query(description="only customers of this region and those in it")] = None,
    below: Annotated[float | None, Query(ge=0, le=1, description="only whose chance is less than this")] = None,
    days: DaysAhead = None,
) -> ExpectedPageOut:
    """Who has bought on more than one day, the least likely to still buy first, as the last run judged them (`as_of`).
    Salespeople see it for their stores."""
    filters = {"tier": tier, "region_id": region_id, "below": below}
    model = await queries.in_use(context)
    read = partial(queries.page, context, {**filters, "viewer": viewer(caller)}, model, days)
    page = await paging.page(BY_CHANCE, {**filters, "days": days}, read, lambda each: ExpectedOut.of(each.expected))
    return ExpectedPageOut(items=page.items, next=page.next, **_fit(model))
