"""The composition root of complaints: the only file that wires."""

from datetime import timedelta
from functools import partial
from typing import Final

from services.complaints.adverse_reactions import api as adverse_reactions
from services.complaints.adverse_reactions import store as adverse_reactions_store
from services.complaints.adverse_reactions.handlers import reporting as safety_reports
from services.complaints.assignment.api import naming as assignment
from services.complaints.assignment.api import policies as assignment_policies
from services.complaints.assignment.handlers import offering
from services.complaints.assignment.store import offers
from services.complaints.backfill import handlers as backfill
from services.complaints.batches import api as batches
from services.complaints.bulk import api as bulk
from services.complaints.call_backs import api as call_backs
from services.complaints.cases.api import reading as cases
from services.complaints.clocks import api as clocks
from services.complaints.commitments import api as commitments
from services.complaints.commitments import handlers as promises
from services.complaints.commitments import store as promised
from services.complaints.compensations.api import giving as compensations
from services.complaints.compensations.api import limits as settlement_limits
from services.complaints.complainant_page.api import page as complainant_page
from services.complaints.complainers import api as complainers
from services.complaints.confirmations import api as confirmations
from services.complaints.confirmations import handlers as confirming
from services.complaints.confirmations import store as insisted
from services.complaints.context import Context
from services.complaints.contract_measures import api as contract_measures
from services.complaints.corrections import api as corrections
from services.complaints.cost import handlers as cost_learning
from services.complaints.cost.api import policies as cost_policies
from services.complaints.cost.api import reading as cost
from services.complaints.erasures import handlers as erasures
from services.complaints.evidence.api import files as evidence
from services.complaints.evidence.api import tracked as tracked_evidence
from services.complaints.faults import api as faults
from services.complaints.funds.api import funds
from services.complaints.funds.api import policies as fund_policies
from services.complaints.guidance import api as guidance
from services.complaints.history import api as history
from services.complaints.intake import api as intake
from services.complaints.internal_cases import api as internal_cases
from services.complaints.judgements import api as judgements
from services.complaints.ledger import api as ledger
from services.complaints.letters import api as letters_api
from services.complaints.letters import store as letters
from services.complaints.letters.handlers import sending
from services.complaints.links import api as links
from services.complaints.lists import api as lists
from services.complaints.me.api import counters, mine
from services.complaints.me.queries import OwnLog
from services.complaints.notes import api as notes
from services.complaints.notice_papers import api as notice_papers
from services.complaints.notices import api as notices
from services.complaints.payroll.api import payroll, statements, wages
from services.complaints.person_exports import api as person_exports
from services.complaints.policy import POLICY
from services.complaints.presence import api as presence
from services.complaints.printing import api as printing
from services.complaints.printing.handlers import setting
from services.complaints.reactions import REACTIONS
from services.complaints.repeats import api as repeats
from services.complaints.replies import api as replies
from services.complaints.reply_letters import store as reply_letters
from services.complaints.reply_letters.api import reading as replies_read
from services.complaints.reply_letters.api import replying
from services.complaints.reply_letters.handlers import sending as reply_sending
from services.complaints.reply_templates import api as reply_templates
from services.complaints.responsibility.api import deciding, entering, penalties, schemes, sharing
from services.complaints.responsibility.api import policies as penalty_policies
from services.complaints.responsibility.handlers import booking
from services.complaints.responsibility.store import penalties as penalties_store
from services.complaints.rewards.api import candidates as reward_candidates
from services.complaints.rewards.api import rewards
from services.complaints.rulebook import handlers as rulebook
from services.complaints.rulebook.api import calendars, policies, products, subjects
from services.complaints.scheme import handlers as scheme
from services.complaints.settings import ComplaintsSettings, LookUpSettings
from services.complaints.similar import api as similar
from services.complaints.solutions import api as solutions
from services.complaints.step_roles import api as step_roles
from services.complaints.steps import api as steps
from services.complaints.tracking.api import following
from services.complaints.watch import api as watch
from services.complaints.watch.handlers import noticing
from services.complaints.words.vocabulary import VOCABULARY
from shared.contracts import care, complaints, customers
from shared.delivery.settings import DeliverySettings
from shared.live.tail import LiveTail
from shared.lookups import LookUps
from shared.loops import DueLoop
from shared.reactions import bind
from shared.runtime import Runtime
from shared.service import Service
from shared.storage.registry import storage_of

ROUTERS: Final = (
    person_exports.routes,
    intake.routes,
    cases.routes,
    lists.routes,
    mine.routes,
    counters.routes,
    notes.routes,
    bulk.routes,
    following.routes,
    complainant_page.routes,
    letters_api.routes,
    corrections.routes,
    watch.routes,
    clocks.routes,
    steps.routes,
    step_roles.routes,
    solutions.routes,
    assignment.routes,
    assignment_policies.routes,
    presence.routes,
    notices.routes,
    notice_papers.routes,
    replies.routes,
    replying.routes,
    replies_read.routes,
    printing.routes,
    reply_templates.routes,
    guidance.routes,
    call_backs.routes,
    judgements.routes,
    compensations.routes,
    settlement_limits.routes,
    commitments.routes,
    confirmations.routes,
    internal_cases.routes,
    contract_measures.routes,
    faults.routes,
    adverse_reactions.routes,
    batches.routes,
    history.routes,
    evidence.routes,
    tracked_evidence.routes,
    subjects.routes,
    policies.routes,
    products.routes,
    calendars.routes,
    penalties.routes,
    deciding.routes,
    entering.routes,
    sharing.routes,
    schemes.routes,
    penalty_policies.routes,
    ledger.routes,
    cost.routes,
    cost_policies.routes,
    reward_candidates.routes,
    rewards.routes,
    funds.routes,
    fund_policies.routes,
    wages.routes,
    payroll.routes,
    statements.routes,
    links.routes,
    repeats.routes,
    complainers.routes,
    similar.routes,
)


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    settings = ComplaintsSettings()
    context = Context.of(
        runtime,
        settings,
        DeliverySettings(),
        storage_of(runtime.settings),
        lookups=LookUps(LookUpSettings().lookups_per_hour),
        live=LiveTail(runtime.database, runtime.clock, OwnLog()),
    )
    return Service(
        name="complaints",
        runtime=runtime,
        context=context,
        routers=ROUTERS,
        upload_bounds={
            **dict.fromkeys(
                (evidence.PATH, tracked_evidence.PATH, complainant_page.FILES),
                settings.largest_file + evidence.FORM_AROUND,
            ),
            deciding.MANY: deciding.LARGEST,
        },
        pages={complainant_page.ROOT: partial(complainant_page.problem_told, complainant_page.house_of(context))},
        policy=POLICY,
        vocabulary=VOCABULARY,
        reactions=bind(context, REACTIONS),
        listens={
            "customers": (customers.FACTS, customers.DIRECTORY, customers.CONTACTS),
            "care": (care.FACTS,),  # what was missed, and what it costs
            "complaints": (complaints.FACTS,),  # what may follow later than the answer to a request
        },
        loops=_loops(runtime, context),
    )


def _loops(runtime: Runtime, context: Context) -> tuple[DueLoop, ...]:
    """What is done without a request, each by itself."""
    clock = runtime.clock
    return (
        # Sleeps until the next due moment of any clock, then works in batches until nothing is due (domain 3.3).
        DueLoop(
            "complaints.clocks",
            runtime.clock,
            step=partial(noticing.do_due, context),
            next_due=partial(noticing.next_due, runtime.database),
        ),
        # What waits for somebody to be free is looked at every few seconds: an api tells no worker who came back.
        DueLoop(
            "complaints.offers",
            runtime.clock,
            step=partial(offering.offer_due, context),
            next_due=partial(offers.next_due, runtime.database),
            at_most=timedelta(seconds=2),
            wake_up=context.free_hands,
        ),
        DueLoop(
            "complaints.files",
            runtime.clock,
            step=partial(erasures.clear_away, context),
            at_most=timedelta(seconds=2),
            wake_up=context.unfinished_files,
        ),
        DueLoop("complaints.reasons", clock, step=partial(rulebook.seal_reasons, context), at_most=timedelta(hours=1)),
        DueLoop(
            "complaints.backfill",
            runtime.clock,
            step=partial(backfill.make_findable, context),
            at_most=timedelta(minutes=10),
        ),
        # At the first start of this release, and after one of an older release: what these have written.
        DueLoop(
            "complaints.scheme",
            runtime.clock,
            step=partial(scheme.announce_left, context),
            at_most=timedelta(minutes=10),
        ),
        # Once a month, at its first look: who came back after a case (domain 3.7).
        DueLoop(
            "complaints.cost", runtime.clock, step=partial(cost_learning.learn, context), at_most=timedelta(hours=1)
        ),
        DueLoop(
            "complaints.bookings",
            runtime.clock,
            step=partial(booking.book_due, context),
            next_due=partial(penalties_store.next_due, runtime.database),
            at_most=timedelta(minutes=1),
        ),
        DueLoop(
            "complaints.letters",
            runtime.clock,
            step=partial(sending.send_due, context),
            next_due=partial(letters.next_due, runtime.database),
            wake_up=context.post,
        ),
        DueLoop(
            "complaints.replies",
            runtime.clock,
            step=partial(reply_sending.send_due, context),
            next_due=partial(reply_letters.next_due, runtime.database),
            wake_up=context.reply_post,
        ),
        DueLoop(
            "complaints.commitments",
            runtime.clock,
            step=partial(promises.break_due, context),
            next_due=partial(promised.next_due, runtime.database),
        ),
        DueLoop(
            "complaints.understandings",
            runtime.clock,
            step=partial(confirming.fail_due, context),
            next_due=partial(insisted.next_due, runtime.database),
        ),
        DueLoop(
            "complaints.safety_reports",
            runtime.clock,
            step=partial(safety_reports.tell_due, context),
            next_due=partial(adverse_reactions_store.next_due, runtime.database),
        ),
        # An api that is asked tells no worker: jobs are looked for every few seconds.
        DueLoop(
            "complaints.printing",
            runtime.clock,
            step=partial(setting.set_due, context),
            at_most=timedelta(seconds=2),
            wake_up=context.printer,
        ),
    )
