"""The composition root of reporting: the only file that wires."""

from services.reporting.appraisal import api as appraisal
from services.reporting.complaints import api as cases
from services.reporting.context import Context
from services.reporting.customer360 import api as customer360
from services.reporting.ledger import api as ledger
from services.reporting.live.api import board, page, updates
from services.reporting.person_exports import api as person_exports
from services.reporting.policy import POLICY
from services.reporting.reactions import REACTIONS
from services.reporting.service import api as touches
from services.reporting.tiers import api as tiers
from services.reporting.words import VOCABULARY
from shared.contracts import care, complaints, customers, responsibility
from shared.reactions import bind
from shared.runtime import Runtime
from shared.service import Service


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    context = Context.of(runtime)
    return Service(
        name="reporting",
        runtime=runtime,
        context=context,
        routers=(
            person_exports.routes,
            customer360.routes,
            tiers.routes,
            cases.routes,
            touches.routes,
            ledger.routes,
            appraisal.routes,
            updates.routes,
            board.routes,
            page.routes,
        ),
        policy=POLICY,
        vocabulary=VOCABULARY,
        reactions=bind(context, REACTIONS),
        listens={
            "customers": (customers.FACTS, customers.DIRECTORY),
            "complaints": (complaints.FACTS, responsibility.RESPONSIBILITY),
            "care": (care.FACTS,),
        },
    )
