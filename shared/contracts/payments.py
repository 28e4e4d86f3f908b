"""What customers publishes of invoices and their payment (domain 2.1)."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS
from shared.money import Money


class PaymentRecorded(Fact):
    """An invoice as it stands: told for the first time, paid, or put right; `withdrawn`: it never was one."""

    TYPE: ClassVar[str] = "crm.payment.recorded"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    payment_id: UUID
    invoice_no: str
    due_on: date
    amount: Money
    paid_on: date | None = None
    withdrawn: bool = False
    from_customer_id: UUID | None = None
    """Whose it was taken for, where that was put right just now; None else."""
    at: datetime
