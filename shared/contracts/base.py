"""What every published event has in common. The classes beside this file are the public event contract.

Facts are past tense and carry no personal data: ids, codes and figures. Additive within a major version: a field may
be added with a default, none may be removed or change its meaning. Unknown fields are ignored by readers.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """The data of one event. `TYPE` is the stable CloudEvents type, `TOPIC` carries the major version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    MAJOR: ClassVar[int] = 1

    def partition_key(self) -> UUID | None:
        """The customer whose events stay in order with this one; None means the aggregate's own id."""
        return getattr(self, "customer_id", None)


CASES = "crm.complaints.v1"
"""The topic of cases."""


class CaseFact(Fact):
    """What every event of a case says."""

    TOPIC: ClassVar[str] = CASES
    complaint_id: UUID
    customer_id: UUID | None = None
    round: int = 1
    at: datetime
    """When it happened, business time."""
