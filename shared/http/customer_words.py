"""What the fields of events about merged customers are, said once for the feeds and timelines of several services."""

from typing import Final

MERGES: Final = {
    "Customer*erged*.customer_id": "of the two the one under whose key this is told",
    "merge_id": "the merge",
    "merged_id": "the duplicate",
    "into_id": "the customer who is kept",
    "merged_at": "when they became one",
    "merged_by": "who said that they are one",
    "unmerged_by": "who said that they are two",
}
