"""The composition root of complaints: the only file that wires."""

from services.complaints.desk import Desk
from services.complaints.policy import POLICY
from services.complaints.reactions import REACTIONS
from shared.contracts import customers
from shared.service import Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    desk = Desk.at(runtime)
    return Service(
        name="complaints",
        runtime=runtime,
        desk=desk,
        routers=(),
        policy=POLICY,
        reactions=bind(desk, REACTIONS),
        listens={"customers": (customers.FACTS, customers.DIRECTORY)},
    )
