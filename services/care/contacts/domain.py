"""How a customer is reached, and a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.contracts.care import Channel
from shared.robots import GroupRobot


@dataclass(frozen=True, slots=True, repr=False)
class Reachable:
    """A customer's name, addresses per channel, language and zone; personal, so it does not print itself."""

    name: str
    addresses: Mapping[Channel, str]
    language: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, repr=False)
class WorkContact:
    """A colleague's channel of choice and where it reaches them (decision 18); None: nowhere."""

    channel: Channel
    address: str | None
    robot: GroupRobot | None = None
