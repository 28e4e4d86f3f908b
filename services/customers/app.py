"""The composition root of customers: the only file that wires."""

from services.customers.desk import Desk
from services.customers.policy import POLICY
from services.customers.reactions import REACTIONS
from shared.contracts import customers
from shared.service import Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    desk = Desk.at(runtime)
    return Service(
        name="customers",
        runtime=runtime,
        desk=desk,
        routers=(),
        policy=POLICY,
        reactions=bind(desk, REACTIONS),
        listens={"customers": (customers.FACTS, customers.DIRECTORY)},
    )
