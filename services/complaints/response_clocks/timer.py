"""The timer that wakes at the next due moment of any clock."""

from functools import partial

from services.complaints.context import Context
from services.complaints.response_clocks.handlers import advance_due, next_due
from shared.service import DueLoop


def timer(context: Context) -> DueLoop:
    """Sleeps until the next due moment, then works in batches until nothing is due (domain 3.3)."""
    return DueLoop(
        "complaints.clocks",
        context.clock,
        step=partial(advance_due, context),
        next_due=partial(next_due, context),
    )
