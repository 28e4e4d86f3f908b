"""The route by which a penalty is proposed by hand."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.responsibility import queries
from services.complaints.responsibility.api.penalties import PenaltyDetailsOut, details_of
from services.complaints.responsibility.domain.deciding import PenaltyNotFound
from services.complaints.responsibility.domain.entering import (
    CaseNotCounted,
    NoPenaltyForKind,
    PenaltyStands,
    RuleByHand,
)
from services.complaints.responsibility.handlers import entering
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "responsibility")


class PenaltyByHandIn(BaseModel):
    """Which rule was broken, and how."""

    model_config = ConfigDict(extra="forbid")

    rule: RuleByHand = Field(description="of the rules that no clock finds broken")
    reason: Annotated[Reason, Field(description="what happened, 1 to 2,000 characters; kept sealed")]


@routes.post("/complaints/{id}/penalties", status_code=201)
@raises(CaseNotCounted, ComplaintNotFound, NoPenaltyForKind, PenaltyNotFound, PenaltyStands)
async def propose_penalty(
    id: CaseId, body: PenaltyByHandIn, context: Injected[Context], caller: Caller
) -> PenaltyDetailsOut:
    """Proposes a penalty of a case by hand: another violation, against whom the case is against, or steps that were not
    followed, against the customer-service manager. It costs what the policy says, and is decided like any other."""
    penalty_id = await entering.enter(context, id, body.rule, body.reason, by=caller.id)
    return details_of(await queries.read_penalty(context, penalty_id, viewer=None))
