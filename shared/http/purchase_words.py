"""What is said of purchases wherever they are told of (domain 2.3)."""

from typing import Final

PURCHASES: Final = {
    "PurchaseRecorded*.amount": "what was paid, CNY",
    "PurchaseLine*.product": "the product's number or name, as it stands on the pack",
    "PurchaseLine*.batch": "the batch, as it stands on the pack; null where nobody said",
    "PurchaseLine*.quantity": "how many pieces; in events negative where they are taken away",
    "PurchaseRecorded*.lines": "the products and batches of it; none where nobody said",
    "PurchaseReturned*.lines": "the products and batches that came back; quantities are negative",
    "PurchaseReversed*.lines": "the products and batches of the entry; quantities take them away",
    "PurchaseReversed*.amount": "CNY, takes the entry away: negative for a purchase, positive for a return",
    "PurchaseReversed*.at": "when it was undone",
    "PurchaseReversed*.occurred_at": "when that was which the entry said",
    "PurchaseReversed*.return_id": "the return that was undone; none when it was the purchase",
    "PurchaseReturned*.amount": "CNY, negative: what the return takes away",
    "Purchase*.brand_id": "the brand that was bought, if it was said",
}
