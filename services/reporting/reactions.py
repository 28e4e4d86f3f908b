"""What reporting reacts to: event type -> handler.

Reports fill their own rows, `tell` writes the customer's timeline, `show` the live page. Topics are not in order with
each other, so each table but the timeline is written from one topic alone: what a rebuild makes of the same events is
the same, whatever came first.
"""

from collections.abc import Mapping

from services.reporting.batches import Reaction, together
from services.reporting.complaints import handlers as cases
from services.reporting.customer360 import handlers as customer360
from services.reporting.customer360.handlers import tell
from services.reporting.live.handlers import show
from services.reporting.service import handlers as touches
from services.reporting.tiers import handlers as tiers
from shared import directory
from shared.contracts import care, complaints, customers

REACTIONS: Mapping[str, Reaction] = {
    **directory.REACTIONS,
    customers.CustomerRegistered.TYPE: together(customer360.register_customers, tell),
    customers.CustomerUpdated.TYPE: together(customer360.update_customers, tell),
    customers.AccountTeamChanged.TYPE: together(customer360.change_teams, tell),
    customers.TierChanged.TYPE: together(customer360.change_tiers, tell, show),
    customers.PurchaseRecorded.TYPE: customer360.record_purchases,
    customers.PurchaseReturned.TYPE: customer360.record_returns,
    customers.MonthClosed.TYPE: together(tiers.keep_months, show),
    complaints.ComplaintOpened.TYPE: together(cases.open_cases, tell, show),
    complaints.ComplaintWarned.TYPE: show,
    complaints.ComplaintPaused.TYPE: together(cases.pause_rounds, show),
    complaints.ComplaintResumed.TYPE: together(cases.resume_rounds, show),
    complaints.ComplaintOverdue.TYPE: together(cases.breach_rounds, tell, show),
    complaints.ComplaintEscalated.TYPE: together(cases.escalate_cases, tell, show),
    complaints.ComplaintStepDone.TYPE: tell,
    complaints.ComplaintAnswered.TYPE: together(cases.answer_cases, tell, show),
    complaints.ComplaintResolved.TYPE: together(cases.resolve_cases, tell, show),
    complaints.ComplaintClosed.TYPE: together(cases.close_cases, tell, show),
    complaints.ComplaintReopened.TYPE: together(cases.reopen_cases, tell, show),
    care.TouchPlanned.TYPE: touches.plan_touches,
    care.TouchDone.TYPE: together(touches.finish_touches, tell),
    care.TouchMissed.TYPE: together(touches.miss_touches, tell, show),
    care.TouchDropped.TYPE: touches.drop_touches,
    care.MessageSent.TYPE: together(tell, show),
    care.MessageFailed.TYPE: together(tell, show),
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
