"""The worker's side of imports: looks for jobs and takes them to their end."""

from datetime import datetime

from services.customers.context import Context
from services.customers.imports.handlers import working as handlers
from shared.service import DueLoop


def import_loop(context: Context) -> DueLoop:
    """One job at a time; several workers share the queue."""

    async def step() -> int:
        return await handlers.work(context)

    async def next_due() -> datetime | None:
        return None  # a new upload is seen at the next look, half a second later at most

    return DueLoop("customers.imports", context.clock, step=step, next_due=next_due)
