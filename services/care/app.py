"""The composition root of care: the only file that wires."""

from services.care.desk import Desk
from services.care.policy import POLICY
from services.care.reactions import REACTIONS
from shared.contracts import customers
from shared.service import Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    desk = Desk.at(runtime)
    return Service(
        name="care",
        runtime=runtime,
        desk=desk,
        routers=(),
        policy=POLICY,
        reactions=bind(desk, REACTIONS),
        listens={"customers": (customers.FACTS, customers.DIRECTORY)},
    )
