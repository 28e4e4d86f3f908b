"""Answering a call: who it is, counted and entered for good."""

from services.customers.context import Context
from services.customers.screenpop import queries
from services.customers.screenpop.domain import CallerNotFound, ScreenPop
from services.customers.traces.store import phone_trace
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer

WHAT = "caller.looked_up"


async def answer_call(context: Context, phone: str, caller: Principal) -> ScreenPop:
    """What to know of who calls. The audit tells who asked, when, of whom (of nobody, too), and never the number.

    Raises CallerNotFound, also for customers whom the one who asks does not see, or TooMany.
    """
    context.lookups.count(caller)
    digest = phone_trace(context.traces, phone)
    try:
        pop = await queries.screen_pop(context, phone, viewer=viewer(caller))
    except CallerNotFound:
        await audit.enter(context.database, caller.id, WHAT, digest=digest)
        raise
    await audit.enter(context.database, caller.id, WHAT, pop.customer.id, digest=digest)
    return pop
