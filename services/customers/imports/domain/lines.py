"""What good rows say, as the process that reads a file hands them on (domain 2.3)."""

from collections.abc import Sequence
from typing import NamedTuple

from services.customers.credit.domain import CreditRating


class PurchaseLine(NamedTuple):
    """A good row in the texts that are stored: moment in UTC, amount with two places, the brand's id.

    `month` counts months since the year 0 in the company's zone (`Month.ordinal`).
    `content` identifies it together with its ordinal among equal rows (decision 13). Order, receipt and `lines` (JSON)
    are no part of it: files that had them always came in without, in earlier releases.
    """

    row: int
    customer_no: str
    occurred_at: str
    month: int
    amount: str
    brand_id: str | None
    external_no: str | None
    content: str
    order_no: str | None
    receipt_no: str | None
    lines: str | None


class CustomerLine(NamedTuple):
    """A good row of a customers file; None for what it does not say. Days and the moment are in ISO form."""

    row: int
    external_no: str
    name: str
    kind: str | None
    region_id: str | None
    phones: Sequence[str] | None
    emails: Sequence[str] | None
    address: str | None
    birthday: str | None
    opened_on: str | None
    legal_name: str | None
    licence_no: str | None
    credit_rating: CreditRating | None
    registered_at: str | None


class PaymentLine(NamedTuple):
    """A good row of a file of invoices; None for what it does not say. Days are in ISO form, amounts in digits."""

    row: int
    customer_no: str
    invoice_no: str
    due_on: str | None
    amount: str | None
    paid_on: str | None


class ContractLine(NamedTuple):
    """A good row of a file of contracts; days are in ISO form."""

    row: int
    external_no: str
    customer_no: str
    brand_id: str
    region_id: str
    starts_on: str
    ends_on: str | None


class ContactLine(NamedTuple):
    """A good row of a file of people of stores; None for what it does not say."""

    row: int
    customer_no: str
    name: str
    job: str | None
    phones: Sequence[str] | None
    emails: Sequence[str] | None
    decides: bool | None
    pays: bool | None
    uses: bool | None
