"""What became of messages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageCount:
    """The messages of a day."""

    sent: int
    failed: int
