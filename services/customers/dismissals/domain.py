"""Dismissing a customer (domain 2.6): less service, other prices, or an end; a decision with a reason and an approver.

Who is being won back is dismissed by that case; here it is anybody else, such as who left in malice or bought nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.contracts.winbacks import DismissalMeans
from shared.errors import Conflict, NotFound


class DismissalNotFound(NotFound):
    slug = "no-such-dismissal"
    title = "There is no such dismissal"


class DismissedAlready(Conflict):
    slug = "customer-dismissed"
    title = "This customer is dismissed already"


class DismissalWithdrawn(Conflict):
    slug = "dismissal-withdrawn"
    title = "This dismissal is taken back already"


@dataclass(frozen=True, slots=True)
class Dismissal:
    """That a customer is not to be kept. Both reasons lie sealed; without them where the person was erased."""

    id: UUID
    version: int
    customer_id: UUID
    means: DismissalMeans
    words: bytes | None
    approver_id: UUID
    decided_at: datetime
    decided_by: UUID
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawal_words: bytes | None = None

    def withdrawn(self, at: datetime, by: UUID, words: bytes | None) -> "Dismissal":
        """Taken back. Raises DismissalWithdrawn."""
        if self.withdrawn_at is not None:
            raise DismissalWithdrawn("who has done so, and why, stands beside it")
        return replace(self, version=self.version + 1, withdrawn_at=at, withdrawn_by=by, withdrawal_words=words)
