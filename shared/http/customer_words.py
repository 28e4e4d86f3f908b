"""What the fields of events about merged customers are, said once for the feeds and timelines of several services."""

from typing import Final

from shared.contracts.losses import ChurnKind
from shared.contracts.winbacks import DismissalMeans, HowItEnded, ToldOffer, WonBackKind
from shared.vocabulary import Choice

MERGES: Final = {
    "Customer*erged*.customer_id": "of the two the one under whose key this is told",
    "merge_id": "the merge",
    "merged_id": "the duplicate",
    "into_id": "the customer who is kept",
    "merged_at": "when they became one",
    "merged_by": "who said that they are one",
    "unmerged_by": "who said that they are two",
}

KINDS_OF_WINBACKS: Final = {
    "ChurnKind": Choice(ChurnKind, "How a customer left: disappointed, to a competitor, in malice, naturally."),
    "WonBackKind": Choice(WonBackKind, "How somebody left who is to be won back."),
    "ToldOffer": Choice(ToldOffer, "How an offer stands that was made."),
    "DismissalMeans": Choice(
        DismissalMeans, "What becomes of who is dismissed: less service, other prices, or nothing is sold any more."
    ),
    "WinbackOutcome": Choice(HowItEnded, "What came of winning somebody back."),
}
WINBACKS: Final = {
    "loss_id": "the loss",
    "ChurnConfirmed*.lost_on": "since which day it is lost, in the company's zone",
    "ChurnConfirmed*.tier": "the best tier of the year that ended with the last purchase",
    "ChurnConfirmed*.yearly": "what was bought in that year, CNY, net of returns",
    "ChurnConfirmed*.cost": "what the loss costs a year: the margin of that, CNY",
    "ChurnConfirmed*.returned_on": "on which day it came back, where it has by then; else null",
    "ChurnWithdrawn*.lost_on": "since which day it was told to be lost, in the company's zone",
    "ChurnWithdrawn*.found_at": "when that was found",
    "Churn*.kind": "how it left; null until somebody says",
    "Churn*.cause": "why: a code; null until somebody says",
    "winback_id": "the win-back case",
    "WinbackOpened*.tier": "by which tier's terms",
    "WinbackOpened*.kind": "how it left",
    "WinbackOpened*.cause": "why: a code",
    "WinbackOpened*.assignee_id": "who cares for the case; null: nobody yet",
    "call_due_at": "by when somebody calls; null: nobody",
    "visit_due_at": "by when a manager visits; null: nobody",
    "message_due_at": "by when a message goes out; null: none",
    "WinbackOpened*.deadline": "by when the case should have an outcome",
    "WinbackOpened*.loss_id": "because of which loss; null: before there was one, or told before this was",
    "WinbackOffered*.amount": "what it costs, CNY",
    "WinbackOffered*.state": "how it stands",
    "WinbackEnded*.outcome": "what came of it",
    "dismissal_id": "the dismissal",
    "CustomerDismissed*.approver_id": "who approved it",
    "CustomerDismissed*.means": "what it means",
    "WinbackEnded*.means": "what a dismissal means; null: nobody said, or it is none",
    "WinbackEnded*.corrected_from": "what was said to have come of it before this was put right; else null",
    "observed_until": "until when who has returned is observed; else null",
}
"""Of who is lost, and of winning customers back: the facts of customers, and reporting's timelines."""
