"""How the fields of purchases, returns, invoices and rebates are described."""

from typing import Final

from shared.vocabulary import Vocabulary

VOCABULARY: Final = Vocabulary(
    words={
        "invoice_no": "the number of the invoice",
        "payment_id": "the invoice",
        "PaymentRecorded.due_on": "the last day on which it is paid in time",
        "PaymentRecorded.amount": "CNY",
        "PaymentRecorded.paid_on": "the day on which it was paid; null while it is not",
        "PaymentRecorded.withdrawn": "whether it never was an invoice",
        "PaymentRecorded.from_customer_id": "whose it was taken for, where that was put right just now; null else",
        "rebate_id": "the agreement",
        "RebateAgreed.starts_on": "the first day",
        "RebateAgreed.ends_on": "the last day, included",
        "RebateAgreed.withdrawn": "whether it never was an agreement",
        "PurchaseIn.amount": "what was paid, CNY, 0 or more",
        "CorrectionIn.amount": "what was paid, CNY, 0 or more",
        "CorrectionIn.occurred_at": "when it was bought; as it stood unless said",
        "ReturnIn.amount": "what comes back, CNY, more than 0",
        "PurchaseOut.amount": "CNY; negative for a return",
        "PurchaseLine*.amount": "what was paid for the line, CNY; null where nobody said",
        "PurchaseLine*.cost": "what the line cost the company, CNY; null where nobody said",
        "lines": "the products and batches of it, up to 200; none where nobody said",
        "PurchaseOut.kind": "a purchase or a return",
        "PurchaseOut.month": "the month in which it counts, YYYY-MM; a return counts in that of its purchase",
        "PurchaseIn.occurred_at": "when it was bought; now unless said",
        "ReturnIn.occurred_at": "when it came back; now unless said",
        "ReversalOut.purchase_id": "the purchase or return that was undone",
        "ReversalIn.reason": "why it was a mistake, 1 to 2,000 characters",
        "ReversalOut.reason": "why it was a mistake",
        "PurchaseOut.reversed_at": "when it was undone as a mistake and counts nowhere any more; null unless it was",
        "ReversalOut.reversed_at": "when it was undone",
        "reversed_by": "the staff member who undid it",
        "PurchaseResultOut.repeated": "true when it stood already under the same external number",
        "returned": "how much of the purchase has come back so far, CNY",
    },
)
