"""What customers publishes of duplicates: two customers that are one, and those that were none after all.

Each is told twice, in the order of both customers: once under the one that was merged, once under the one that is kept.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS, Tier


class _Merge(Fact):
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    """Of the two the one under whose key this is told."""
    merge_id: UUID
    merged_id: UUID
    into_id: UUID
    at: datetime


class CustomerMerged(_Merge):
    """`merged_id` was a duplicate of `into_id`: whatever names it means that one from now on, until it is unmerged."""

    TYPE: ClassVar[str] = "crm.customer.merged"


class CustomerUnmerged(_Merge):
    """They are two after all: what was told of `merged_id` is its own again."""

    TYPE: ClassVar[str] = "crm.customer.unmerged"
    tier: Tier | None = None
    """That of `merged_id`, as it stands again."""
