"""What customers publishes of customers who were none, on the topic of its facts."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS


class CustomerWithdrawn(Fact):
    """A customer was none: the import that had registered it was undone before anything was built on it."""

    TYPE: ClassVar[str] = "crm.customer.withdrawn"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    at: datetime
