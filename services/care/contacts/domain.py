"""How a colleague is reached."""

from dataclasses import dataclass

from shared.contracts.care import Channel
from shared.robots import GroupRobot


@dataclass(frozen=True, slots=True, repr=False)
class WorkContact:
    """A colleague's channel of choice and where it reaches them (decision 18); None: nowhere."""

    channel: Channel
    address: str | None
    robot: GroupRobot | None = None
