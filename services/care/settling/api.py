"""The route by which a task is done."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.care.context import InContext
from services.care.settling import handlers
from services.care.touches.api import RecordedTaskOut, recorded
from services.care.touches.domain import Proof, viewer_of_tasks
from shared.http.fields import Line
from shared.http.routing import Caller, router
from shared.money import Money

routes = router("/care/v1", "tasks")

LONGEST_TOUCH = 14 * 24 * 60


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the NUL character is not allowed")
    return text


Remarks = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_no_nul)]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 2, tzinfo=UTC), le=datetime(2999, 12, 30, tzinfo=UTC)),
]
"""A moment with its offset, within the years that people live in."""


class ProofIn(BaseModel):
    """What was done; `minutes` is how long, `at` when it ended (today; now when left out)."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | None = None
    minutes: int = Field(ge=1, le=LONGEST_TOUCH)
    content: Annotated[Remarks, Field(min_length=1)]
    said: Remarks = ""
    place: Line | None = Field(default=None, description="required for stays and visits")
    cost: Annotated[Money, Field(ge=0)] | None = None

    def proof(self, now: datetime) -> Proof:
        return Proof(
            at=(self.at or now).astimezone(UTC),
            minutes=self.minutes,
            content=self.content,
            said=self.said,
            place=self.place,
            cost=self.cost,
        )


@routes.post("/tasks/{task_id}/done")
async def finish_task(task_id: UUID, body: ProofIn, context: InContext, caller: Caller) -> RecordedTaskOut:
    """Records the touch with its proof; the next occurrence is planned at once."""
    proof = body.proof(context.clock.now())
    details = await handlers.finish(context, task_id, proof, by=caller.id, viewer=viewer_of_tasks(caller))
    return recorded(context, details)
