"""What reporting reacts to: event type -> handler.

Reports fill their own rows, `tell` writes the customer's timeline, `show` the live page. Topics are not in order with
each other, so each table but the timeline is written from one topic alone: what a rebuild makes of the same events is
the same, whatever came first.
"""

from collections.abc import Mapping

from services.reporting.complaints import handlers as cases
from services.reporting.context import Context
from services.reporting.customer360 import handlers as customer360
from services.reporting.customer360.handlers import tell
from services.reporting.live.handlers import show
from services.reporting.service import handlers as touches
from services.reporting.tiers import handlers as tiers
from shared import directory
from shared.contracts import care, complaints, customers
from shared.reactions import Reaction, in_turn

REACTIONS: Mapping[str, Reaction[Context]] = {
    **directory.REACTIONS,
    customers.CustomerRegistered.TYPE: in_turn(customer360.register_customers, tell),
    customers.CustomerUpdated.TYPE: in_turn(customer360.update_customers, tell),
    customers.AccountTeamChanged.TYPE: in_turn(customer360.change_teams, tell),
    customers.TierChanged.TYPE: in_turn(customer360.change_tiers, tell, show),
    customers.PurchaseRecorded.TYPE: customer360.record_purchases,
    customers.PurchaseReturned.TYPE: customer360.record_returns,
    customers.MonthClosed.TYPE: in_turn(tiers.keep_months, show),
    complaints.ComplaintOpened.TYPE: in_turn(cases.open_cases, tell, show),
    complaints.ComplaintWarned.TYPE: show,
    complaints.ComplaintPaused.TYPE: in_turn(cases.pause_rounds, show),
    complaints.ComplaintResumed.TYPE: in_turn(cases.resume_rounds, show),
    complaints.ComplaintOverdue.TYPE: in_turn(cases.breach_rounds, tell, show),
    complaints.ComplaintEscalated.TYPE: in_turn(cases.escalate_cases, tell, show),
    complaints.ComplaintStepDone.TYPE: tell,
    complaints.ComplaintAnswered.TYPE: in_turn(cases.answer_cases, tell, show),
    complaints.ComplaintResolved.TYPE: in_turn(cases.resolve_cases, tell, show),
    complaints.ComplaintClosed.TYPE: in_turn(cases.close_cases, tell, show),
    complaints.ComplaintReopened.TYPE: in_turn(cases.reopen_cases, tell, show),
    care.TouchPlanned.TYPE: touches.plan_touches,
    care.TouchDone.TYPE: in_turn(touches.finish_touches, tell),
    care.TouchMissed.TYPE: in_turn(touches.miss_touches, tell, show),
    care.TouchDropped.TYPE: touches.drop_touches,
    care.MessageSent.TYPE: in_turn(tell, show),
    care.MessageFailed.TYPE: in_turn(tell, show),
    care.ConsentWithdrawn.TYPE: tell,
}

PROJECTIONS = (
    "customer",
    "timeline",
    "complaint",
    "complaint_round",
    "closed_month",
    "touch",
    "directory_staff",
    "directory_department",
    "directory_name",
)
"""What a rebuild empties and fills again. The live stream is none: its numbers are where clients stopped."""
