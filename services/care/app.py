"""The composition root of care: the only file that wires, and the only one that reads settings."""

from datetime import timedelta
from functools import partial

from services.care.absences import api as absences_api
from services.care.accounts import store as accounts
from services.care.aftercare import api as aftercare_api
from services.care.at_risk import api as at_risk_api
from services.care.at_risk import handlers as at_risk
from services.care.consent import handlers as consent
from services.care.consent.api import consents, unsubscribe
from services.care.consent_proposals import api as consent_proposals_api
from services.care.context import Context
from services.care.delivery.handlers import sending
from services.care.make_good import api as make_good_api
from services.care.me import api as me_api
from services.care.messages import api as messages_api
from services.care.messages import store as messages
from services.care.obligations import api as obligations_api
from services.care.person_exports import api as person_exports
from services.care.planning import handlers as planning
from services.care.policy import POLICY
from services.care.reactions import REACTIONS
from services.care.reassignment import api as reassignment_api
from services.care.scheme import handlers as scheme
from services.care.settings import CareSettings
from services.care.settling import api as settling_api
from services.care.settling import handlers as settling
from services.care.touches import api as touches_api
from services.care.touches import store as touches
from services.care.words import VOCABULARY
from shared.contracts import complaints, customers, responsibility
from shared.delivery.settings import DeliverySettings
from shared.loops import DueLoop, Loop
from shared.reactions import bind
from shared.runtime import Runtime
from shared.service import Service


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    context = Context.of(runtime, CareSettings(), DeliverySettings())
    return Service(
        name="care",
        runtime=runtime,
        context=context,
        routers=(
            person_exports.routes,
            me_api.routes,
            obligations_api.routes,
            touches_api.routes,
            settling_api.routes,
            reassignment_api.routes,
            make_good_api.routes,
            absences_api.routes,
            at_risk_api.routes,
            aftercare_api.routes,
            consents.routes,
            consent_proposals_api.routes,
            unsubscribe.routes,
            messages_api.routes,
        ),
        policy=POLICY,
        vocabulary=VOCABULARY,
        reactions=bind(context, REACTIONS),
        listens={
            "customers": (customers.FACTS, customers.DIRECTORY, customers.CONTACTS),
            "complaints": (complaints.FACTS, responsibility.RESPONSIBILITY),
        },
        loops=_loops(context),
    )


def _loops(context: Context) -> tuple[Loop, ...]:
    database, clock = context.database, context.clock
    return (
        DueLoop(
            "care touches",
            clock,
            step=partial(settling.miss_due, context),
            next_due=partial(touches.next_due, database),
        ),
        DueLoop(
            "care touches at risk",
            clock,
            step=partial(at_risk.warn_due, context),
            next_due=partial(at_risk.next_due, context),
        ),
        DueLoop(
            "care planning",
            clock,
            step=partial(planning.plan_due, context),
            next_due=partial(accounts.next_planning, database),
        ),
        DueLoop(
            "care messages",
            clock,
            step=partial(sending.send_due, context),
            next_due=partial(messages.next_due, database),
            wake_up=context.post,
        ),
        DueLoop("care scheme", clock, step=partial(scheme.announce_left, context), at_most=timedelta(minutes=10)),
        DueLoop("care consent sources", clock, step=partial(consent.seal_sources, context), at_most=timedelta(hours=1)),
    )
