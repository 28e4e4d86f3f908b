"""What customers publishes of rebates: for whom, of what and when, not how much (domain 2.3)."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS


class RebateAgreed(Fact):
    """An agreement as it stands: new, or changed; `withdrawn`: it never was one."""

    TYPE: ClassVar[str] = "crm.rebate.agreed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    rebate_id: UUID
    brand_id: UUID | None = None
    starts_on: date
    ends_on: date
    withdrawn: bool = False
    at: datetime
