"""How a customer is reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.contracts.care import Channel


@dataclass(frozen=True, slots=True, repr=False)
class Reachable:
    """A customer's name, addresses per channel, language and zone; personal, so it does not print itself."""

    name: str
    addresses: Mapping[Channel, str]
    language: str
    zone: ZoneInfo
