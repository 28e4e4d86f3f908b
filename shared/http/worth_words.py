"""What the fields of events about worth and stages are, said once for the feeds and timelines of several services."""

from typing import Final

from shared.contracts.early_warnings import EndOfWarning, ReasonCode, TieKind, TieSource
from shared.contracts.signals import SignalCode, SignalEnd, SignalKind
from shared.contracts.worth import Cell, Level, LoyaltyCredit, LoyaltySize, Stage, StoreSize, ValueLevel
from shared.vocabulary import Choice

KINDS_OF_WORTH: Final = {
    "ReasonCode": Choice(
        ReasonCode,
        "Why somebody is about to leave: the own rhythm is well past, the model says so, a tie ends (these raise a "
        "warning); purchases fall, an answer was late, service was missed, a complainant was dissatisfied, consent was "
        "withdrawn (these stand in one).",
    ),
    "EndOfWarning": Choice(EndOfWarning, "What ended a warning: a purchase, the loss, or what raised it is over."),
    "TieKind": Choice(TieKind, "What kind of tie: benefits lost by leaving, technical, contractual."),
    "TieSource": Choice(TieSource, "Where a tie comes from."),
    "Stage": Choice(Stage, "A stage in the life of a customer: before the first purchase, until it is lost."),
    "Level": Choice(Level, "Whether a score reaches what is asked of it."),
    "ValueLevel": Choice(ValueLevel, "A level of the value pyramid: top, next, rest."),
    "StoreSize": Choice(StoreSize, "Whether a customer buys much."),
    "Cell": Choice(Cell, "Loyalty, credit and size together."),
    "LoyaltyCredit": Choice(
        LoyaltyCredit,
        "Loyalty and credit together: gold 黄金 (high, high), star 明星 (low, high), risk 风险 (high, low), "
        "junk 垃圾 (low, low).",
    ),
    "LoyaltySize": Choice(
        LoyaltySize,
        "Loyalty and size together: cash cow 金牛 (high, large), warm-up 加温 (low, large), tomorrow 明日 "
        "(high, small), chicken-rib 鸡肋 (low, small).",
    ),
    "SignalKind": Choice(SignalKind, "A rising star, an A to watch, a B who may go to a competitor."),
    "SignalCode": Choice(
        SignalCode,
        "Why: the trend leads to the next tier, purchases weaken or have stopped rising, invoices are overdue or paid "
        "later, it is said to order elsewhere.",
    ),
    "SignalEnd": Choice(
        SignalEnd,
        "Why it is over: no reason is left, the tier is another, nobody is there any more, a merge brought the same "
        "twice.",
    ),
}

WORTH: Final = {
    "warning_id": "the warning",
    "ChurnWarned*.number": "how often this warning was told: 1 when it is raised, then once more for each new reason",
    "raised_on": "the day on which what raised it first held, in the company's zone, whenever that was noticed",
    "ChurnWarn*.since": "the day since which it stands as told here, likewise; null: told before this was",
    "ChurnWarn*.noticed_at": "when that was noticed; null: on the day, or told before this was",
    "ChurnWarned*.reasons": "why, what raises a warning first",
    "ChurnReason*.code": "why",
    "ChurnReason*.days": "interval: so many days have passed since the last purchase",
    "ChurnReason*.usual": "interval: the own rhythm in days; null before there is one",
    "ChurnReason*.change": "trend: the mean of the last two complete months against that of the four before",
    "ChurnReason*.count": "how often within 60 days",
    "ChurnReason*.on": "when last; of a tie, when it ends",
    "ChurnReason*.share": "0 to 1: of alive the chance, of dissatisfied what was perceived of what was expected",
    "ChurnReason*.tie_id": "tie: the one that ends first, or its contract or agreement; null: told before this was",
    "ChurnReason*.tie_kind": "tie: what kind it is, likewise",
    "ChurnReason*.tie_source": "tie: where it comes from, likewise",
    "ChurnWarned*.policy_version": "the version of the policy of worth that judged; null: told before this was",
    "ChurnWarned*.policy_id": "the id of that version, likewise",
    "ChurnWarningEnded*.cause": "what ended it",
    "SegmentChanged*.loyalty": "how loyal it is",
    "SegmentChanged*.credit": "how it pays; null as long as no invoice was paid or overdue",
    "SegmentChanged*.size": "how much it buys",
    "SegmentChanged*.loyalty_credit": "what loyalty and credit are together; null with credit",
    "SegmentChanged*.loyalty_size": "what loyalty and size are together",
    "SegmentChanged*.cell": "loyalty, credit and size, such as high_low_large; null with credit",
    "SegmentChanged*.value": "its place among all by what is left of what it bought in a year",
    "SegmentChanged*.policy_version": "the version of the policy of worth that judged; null: told before this was",
    "SegmentChanged*.policy_id": "the id of that version, likewise",
    "LifecycleChanged*.policy_version": "the version of the policy of worth that judged; null: told before this was",
    "LifecycleChanged*.policy_id": "the id of that version, likewise",
    "loyalty_score": "0 to 100",
    "credit_score": "0 to 100; null with credit",
    "monthly": "CNY of mid-grade terms, the average of the last three complete months",
    "was_loyalty_credit": "what loyalty and credit were together; null: it was unknown",
    "was_loyalty_size": "what loyalty and size were together",
    "was_cell": "all three as they were; null: credit was unknown",
    "was_value": "the place in which it was",
    "from_stage": "the stage in which it was",
    "to_stage": "the stage into which it came",
    "LifecycleChanged*.since": "the day of that, in the company's zone",
    "signal_id": "the signal",
    "SignalRaised*.kind": "what it says",
    "SignalRaised*.tier": "the customer's tier",
    "leads_to": "the tier to which a rising star rises; else null",
    "reasons": "why, with the figures of each reason",
    "SignalReason.code": "why",
    "SignalReason.before": "the average of the months before, CNY of mid-grade terms; null: not of this reason",
    "SignalReason.now": "the average of the late months, or where the trend stands, likewise",
    "SignalReason.rise": "by how much the trend rises a month, likewise",
    "SignalReason.threshold": "what the next tier asks of a month, likewise",
    "SignalReason.months": "in how many months the trend is there, likewise",
    "SignalReason.days": "how many days overdue, or later than before on average, likewise",
    "SignalReason.on": "when it was last said that it orders elsewhere, likewise",
    "SignalReason.competitor_id": "from whom it is said to order, likewise",
    "SignalRaised*.policy_version": "by which version of the policy",
    "SignalEnded*.kind": "what it said",
    "SignalEnded*.cause": "why it is over",
    "SignalEnded*.tier": "the customer's tier by then",
}
"""Of what customers are worth, and who is about to leave: the facts of customers, and reporting's timelines."""
