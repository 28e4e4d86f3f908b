"""The composition root of reporting: the only file that wires."""

from services.reporting.desk import Desk
from services.reporting.policy import POLICY
from services.reporting.reactions import REACTIONS
from shared.contracts import customers
from shared.service import Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    desk = Desk.at(runtime)
    return Service(
        name="reporting",
        runtime=runtime,
        desk=desk,
        routers=(),
        policy=POLICY,
        reactions=bind(desk, REACTIONS),
        listens={"customers": (customers.FACTS, customers.DIRECTORY)},
    )
