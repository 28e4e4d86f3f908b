"""The composition root of customers: the only file that wires."""

from services.customers.archive import api as archive
from services.customers.desk import Desk
from services.customers.imports import api as imports
from services.customers.imports.timer import import_loop
from services.customers.organisation import api as organisation
from services.customers.organisation import staff_api as staff
from services.customers.policy import POLICY
from services.customers.purchases import api as purchases
from services.customers.reactions import REACTIONS
from services.customers.screenpop import api as screenpop
from services.customers.settings import CustomersSettings
from services.customers.teams import api as teams
from services.customers.tiers import api as tiers
from services.customers.tiers import customer_api as customer_tiers
from services.customers.tiers.handlers import next_policy_start, start_policies
from services.customers.tiers.overrides import end_due_overrides, next_override_end
from shared.service import DueLoop, Runtime, Service, bind


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    desk = Desk.at(runtime)
    return Service(
        name="customers",
        runtime=runtime,
        desk=desk,
        routers=(
            organisation.routes,
            staff.routes,
            archive.routes,
            teams.routes,
            screenpop.routes,
            purchases.routes,
            tiers.routes,
            customer_tiers.routes,
            imports.routes,
        ),
        policy=POLICY,
        reactions=bind(desk, REACTIONS),
        listens={},
        loops=(
            DueLoop(
                "tier policies",
                runtime.clock,
                step=lambda: start_policies(desk),
                next_due=lambda: next_policy_start(desk),
            ),
            DueLoop(
                "tier overrides",
                runtime.clock,
                step=lambda: end_due_overrides(desk),
                next_due=lambda: next_override_end(desk),
            ),
            import_loop(desk),
        ),
        upload_bounds={imports.PATH: CustomersSettings().largest_import},
    )
