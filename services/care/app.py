"""The composition root of care: the only file that wires."""

from functools import partial

from services.care.consent.api import consents
from services.care.context import Context
from services.care.delivery.handlers import sending as messages
from services.care.messages import api as messages_api
from services.care.obligations import api as obligations
from services.care.planning import handlers as planning
from services.care.policy import POLICY
from services.care.reactions import REACTIONS
from services.care.settling import handlers as touches
from services.care.touches import api as touches_api
from shared.contracts import complaints, customers
from shared.service import DueLoop, Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    context = Context.at(runtime)
    return Service(
        name="care",
        runtime=runtime,
        context=context,
        routers=(obligations.routes, touches_api.routes, consents.routes, messages_api.routes),
        policy=POLICY,
        reactions=bind(context, REACTIONS),
        listens={
            "customers": (customers.FACTS, customers.DIRECTORY, customers.CONTACTS),
            "complaints": (complaints.FACTS,),
        },
        loops=(
            DueLoop(
                "care touches",
                runtime.clock,
                step=partial(touches.miss_due, context),
                next_due=partial(touches.next_miss, context),
            ),
            DueLoop(
                "care planning",
                runtime.clock,
                step=partial(planning.plan_due, context),
                next_due=partial(planning.next_planning, context),
            ),
            DueLoop(
                "care messages",
                runtime.clock,
                step=partial(messages.send_due, context),
                next_due=partial(messages.next_message, context),
                wake_up=context.post,
            ),
        ),
    )
