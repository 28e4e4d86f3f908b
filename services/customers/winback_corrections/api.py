"""The route by which an outcome of winning back is put right."""

from fastapi import Response

from services.customers.context import Context
from services.customers.winback_corrections import handlers
from services.customers.winback_corrections.domain import WinbackGoesOn
from services.customers.winbacks import queries
from services.customers.winbacks.api.cases import WinbackId, WinbackOut, WinbackOutcomeIn, answer
from services.customers.winbacks.domain import WinbackNotFound
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.routing import Caller, router

routes = router("/customers/v1", "winbacks")


@routes.post("/winbacks/{winback_id}/outcome/correction")
@raises(WinbackGoesOn, WinbackNotFound)
async def correct_winback_outcome(
    winback_id: WinbackId, body: WinbackOutcomeIn, context: Injected[Context], caller: Caller, response: Response
) -> WinbackOut:
    """Puts right what came of a case that has ended, also a dismissal that is taken back. What was said before stays
    beside it, and rates go by what holds."""
    case = await handlers.correct(context, winback_id, body.outcome, body.reason, by=caller.id, viewer=viewer(caller))
    return answer(await queries.written(context, case.id), context, response)
