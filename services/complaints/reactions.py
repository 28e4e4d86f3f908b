"""What complaints reacts to: event type -> handler."""

from collections.abc import Mapping

from services.complaints.assignment.handlers import offering
from services.complaints.batches.handlers import counting as batches
from services.complaints.cases import handlers as cases
from services.complaints.clocks import handlers as clocks
from services.complaints.company import handlers as company
from services.complaints.contacts import handlers as contacts
from services.complaints.context import Context
from services.complaints.customers import handlers as customer_refs
from services.complaints.erasures import handlers as erasures
from services.complaints.funds.handlers import withdrawing as funds
from services.complaints.history import handlers as history
from services.complaints.internal_cases import handlers as internal_cases
from services.complaints.letters.handlers import planning as letters
from services.complaints.presence import handlers as presence
from services.complaints.purchases import handlers as purchases
from services.complaints.repeats import handlers as repeats
from services.complaints.reply_letters.handlers import sending as replies
from services.complaints.responsibility.handlers import missed_service
from services.complaints.responsibility.handlers import proposing as responsibility
from services.complaints.search import handlers as search
from services.complaints.similar import handlers as similar
from shared import aliases, directory
from shared.contracts import care, complaints, customers, merging, safety, withdrawing
from shared.contracts import clocks as clock_facts
from shared.contracts.erasures import PersonErased
from shared.reactions import Reaction, in_turn

REACTIONS: Mapping[str, Reaction[Context]] = {
    **directory.REACTIONS,
    merging.CustomerMerged.TYPE: in_turn(
        aliases.on_customer_merged,
        customer_refs.on_customer_merged,
        cases.on_customer_merged,
        letters.on_customer_merged,
        replies.on_customer_merged,
    ),
    merging.CustomerUnmerged.TYPE: in_turn(
        aliases.on_customer_unmerged, customer_refs.on_customer_unmerged, cases.on_customer_unmerged
    ),
    customers.CustomerRegistered.TYPE: customer_refs.on_customer_registered,
    customers.CustomerUpdated.TYPE: customer_refs.on_customer_updated,
    withdrawing.CustomerWithdrawn.TYPE: customer_refs.on_customer_withdrawn,
    customers.StaffListed.TYPE: in_turn(presence.on_staff_listed, funds.on_staff_listed),
    customers.CompanyListed.TYPE: company.on_company_listed,
    customers.TierChanged.TYPE: cases.on_tier_changed,
    customers.AccountTeamChanged.TYPE: customer_refs.on_account_team_changed,
    customers.PurchaseRecorded.TYPE: in_turn(purchases.on_purchase_recorded, batches.on_purchase_recorded),
    customers.PurchaseReturned.TYPE: purchases.on_purchase_returned,
    customers.PurchaseReversed.TYPE: purchases.on_purchase_reversed,
    complaints.ComplaintOpened.TYPE: in_turn(
        repeats.on_complaint_opened,
        clocks.on_complaint_opened,
        search.on_complaint_opened,
        similar.on_complaint_opened,
        offering.on_complaint_opened,
        letters.on_complaint_opened,
        history.on_complaint_opened,
        internal_cases.on_complaint_opened,
        batches.on_complaint_opened,
    ),
    complaints.ComplaintCorrected.TYPE: in_turn(
        repeats.on_complaint_corrected,
        search.on_complaint_corrected,
        similar.on_complaint_corrected,
        responsibility.on_complaint_corrected,
        batches.on_complaint_corrected,
    ),
    complaints.ComplaintPaused.TYPE: letters.on_complaint_paused,
    complaints.ComplaintNoticed.TYPE: responsibility.on_complaint_noticed,
    complaints.ComplaintJudged.TYPE: in_turn(
        repeats.on_complaint_judged, responsibility.on_complaint_judged, batches.on_complaint_judged
    ),
    safety.ComplaintReactionRecorded.TYPE: batches.on_reaction_recorded,
    complaints.ComplaintWarned.TYPE: history.on_complaint_warned,
    complaints.ComplaintOverdue.TYPE: in_turn(history.on_complaint_overdue, responsibility.on_complaint_overdue),
    complaints.ComplaintEscalated.TYPE: history.on_complaint_escalated,
    clock_facts.ComplaintClockWarned.TYPE: history.on_complaint_clock_warned,
    complaints.ComplaintClockMissed.TYPE: in_turn(
        history.on_complaint_clock_missed, responsibility.on_complaint_clock_missed
    ),
    clock_facts.ComplaintClockEscalated.TYPE: history.on_complaint_clock_escalated,
    complaints.ComplaintSatisfactionGiven.TYPE: responsibility.on_satisfaction_given,
    care.TouchMissed.TYPE: missed_service.on_touch_missed,
    care.TouchMissWithdrawn.TYPE: missed_service.on_touch_miss_withdrawn,
    care.TouchMadeGood.TYPE: missed_service.on_touch_made_good,
    care.TouchMakeGoodMissed.TYPE: missed_service.on_touch_make_good_missed,
    PersonErased.TYPE: erasures.on_person_erased,
    customers.ContactListed.TYPE: in_turn(
        contacts.on_contact_listed,
        search.on_contact_listed,
        letters.on_contact_listed,
        replies.on_contact_listed,
    ),
}
