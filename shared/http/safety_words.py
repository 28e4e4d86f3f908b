"""What the fields of events about product safety are, said once for the feeds and timelines of several services."""

from typing import Final

PRODUCT_SAFETY: Final = {
    "Batch*.product": "the product; null where no case said which",
    "Batch*.batch": "the batch, as it stands on the pack",
    "Batch*.batch_id": "the batch",
    "Batch*.alarm": "the how-manieth alarm of this batch",
    "Batch*.cases": "how many adverse reactions count by now",
    "Batch*.complaint_id": "the case that was added; null where only buyers were",
    "Batch*.customer_ids": "buyers to be warned, up to 500 in one event",
    "BatchAlarmed*.customers": "how many bought of it and have not given all of it back",
    "BatchAlarmed*.policy_version": "the version of the policy that raised it",
    "first_on": "the day of the first reaction of those that raised the alarm",
    "last_on": "the day of the last of them",
    "BatchRecorded*.made_on": "when it was made; null where nobody has said",
    "BatchRecorded*.expires_on": "the day on which it expires; null where nobody has said",
    "BatchRecorded*.sale_stopped_at": "since when it is not to be sold; null: it may be",
    "Complaint*.severity": "how bad the adverse reaction is; null where there is none",
    "ComplaintReactionRecorded*.batch": "the batch of the product, as it stands on the pack; null when nobody said",
    "ComplaintSafety*.due_at": "until when the authority must hear of the reaction",
    "ComplaintSafetyReported*.in_time": "whether it heard in time",
    "ComplaintSafetyReportDue*.percent": "how much of the time has passed",
}
