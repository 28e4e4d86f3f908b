"""The composition root of complaints: the only file that wires."""

from services.complaints.calendars.api import calendars
from services.complaints.context import Context
from services.complaints.history.api import history
from services.complaints.intake.api import intake
from services.complaints.policy import POLICY
from services.complaints.reactions import REACTIONS
from services.complaints.replies.api import replies
from services.complaints.response_clocks.api import clocks
from services.complaints.response_clocks.timer import timer
from services.complaints.steps.api import steps
from shared.contracts import customers
from shared.service import Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    context = Context.at(runtime)
    return Service(
        name="complaints",
        runtime=runtime,
        context=context,
        routers=(intake, clocks, calendars, steps, replies, history),
        policy=POLICY,
        reactions=bind(context, REACTIONS),
        listens={"customers": (customers.FACTS, customers.DIRECTORY)},
        loops=(timer(context),),
    )
