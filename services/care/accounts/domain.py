"""A customer as care knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.customers import Tier


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: `kind` and `tier` are None for a stub; `team` is role -> staff id; `served` once there was a team."""

    id: UUID
    kind: str | None
    tier: Tier | None
    team: Mapping[str, UUID]
    served: bool
