"""The timer that wakes at the next due moment of any clock."""

from functools import partial

from services.complaints.clocks.handlers import next_due, ring_all
from services.complaints.desk import Desk
from shared.service import DueLoop


def timer(desk: Desk) -> DueLoop:
    """Sleeps until the next due moment, then works in batches until nothing is due (domain 3.3)."""
    return DueLoop(
        "complaints.clocks",
        desk.clock,
        step=partial(ring_all, desk),
        next_due=partial(next_due, desk),
    )
