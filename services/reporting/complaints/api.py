"""GET /reporting/v1/complaints."""

from pydantic import BaseModel, ConfigDict, Field

from services.reporting.complaints import queries
from services.reporting.context import Context
from shared.http.context import Injected
from shared.http.fields import MonthAsked
from shared.http.routing import router
from shared.money import Sum

routes = router("/reporting/v1", "complaints")


class MonthOfComplaintsOut(BaseModel):
    """Rounds that began in the month, by what became of them: the four figures of answers add up to `opened`."""

    model_config = ConfigDict(from_attributes=True)
    opened: int = Field(description="rounds that began, reopened cases included")
    reopened: int = Field(description="those of them that are a second or later round")
    answered_in_time: int
    answered_late: int
    unanswered_overdue: int
    open: int = Field(description="not answered, and not overdue yet")
    accepted_in_time: int = Field(description="cases that customer service took within the time to accept them")
    not_accepted_in_time: int = Field(description="cases that nobody had taken when that time was over")
    compensations: int = Field(description="what was given to complainants in the month")
    compensated: Sum = Field(description="what that cost, CNY")
    share_in_time: float | None = Field(
        description="how much of the rounds with an outcome was answered in time, 0 to 1; null when there are none"
    )


@routes.get("/complaints")
async def report_complaints(month: MonthAsked, context: Injected[Context]) -> MonthOfComplaintsOut:
    """How many complaints began in a month, and how many of them were answered within their time."""
    return MonthOfComplaintsOut.model_validate(await queries.month_of(context, month))
