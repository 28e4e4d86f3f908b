"""A campaign (强化整顿, domain 2.2): contracts that are to be ended, with how far each is. Nothing ends by it: each
contract goes through its own procedure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.errors import Conflict, Forbidden, Invalid, NotFound

MOST_AT_ONCE: Final = 500
"""Contracts that are added by one request."""


class CampaignNotFound(NotFound):
    slug = "no-such-campaign"
    title = "There is no such campaign"


class CampaignClosed(Conflict):
    slug = "campaign-closed"
    title = "The campaign is closed"


class CampaignNotSeen(Forbidden):
    slug = "campaign-not-seen"
    title = "Somebody closes the campaign who sees something of it"


class UnknownContract(Invalid):
    slug = "unknown-contract"
    title = "There is no such contract, or it has ended"


class NotInCampaign(NotFound):
    slug = "not-in-campaign"
    title = "The contract is not in this campaign"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign; `reason` is sealed. Closed, its list stays as it was then."""

    id: UUID
    version: int
    name: str
    reason: bytes
    started_at: datetime
    started_by: UUID
    closed_at: datetime | None
    closed_by: UUID | None

    def check_open(self) -> None:
        """Raises CampaignClosed."""
        if self.closed_at is not None:
            raise CampaignClosed("its list stays as it was; begin another one")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many contracts of a campaign there are, and how far: by the last step that was done of each. `over`: those
    that hold no more today, `withdrawn`: those that never were."""

    contracts: int = 0
    not_begun: int = 0
    confirm: int = 0
    approve: int = 0
    letter: int = 0
    aftercare: int = 0
    over: int = 0
    withdrawn: int = 0
