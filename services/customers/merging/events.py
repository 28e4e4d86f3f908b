"""What is published of merges: each is told under both customers, in the next version of each."""

from collections.abc import Iterator
from datetime import datetime

from services.customers.merging.domain import Merge
from shared.bus.event import Event
from shared.contracts.customers import Tier
from shared.contracts.merging import CustomerMerged, CustomerUnmerged


def merged(merge: Merge, *, version: int, into_version: int) -> Iterator[Event]:
    yield from _told(CustomerMerged, merge, merge.merged_at, version, into_version)


def unmerged(merge: Merge, at: datetime, tier: Tier, *, version: int, kept_version: int) -> Iterator[Event]:
    """`tier` is that of the one who was merged."""
    yield from _told(CustomerUnmerged, merge, at, version, kept_version, tier=tier)


def _told(
    contract: type[CustomerMerged | CustomerUnmerged],
    merge: Merge,
    at: datetime,
    version: int,
    into_version: int,
    **said: Tier,
) -> Iterator[Event]:
    both = {"merge_id": merge.id, "merged_id": merge.merged_id, "into_id": merge.into_id, "at": at, **said}
    for customer_id, own in ((merge.merged_id, version), (merge.into_id, into_version)):
        fact = contract.model_validate({"customer_id": customer_id, **both})
        yield Event.of(fact, aggregate_id=customer_id, version=own, at=at)
