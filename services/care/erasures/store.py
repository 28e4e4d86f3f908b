"""What care keeps of a customer who is a person, in the database; the customer's rows are held."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid
from sqlmodel import col

from services.care.touches.domain import Task, TaskState
from services.care.touches.store import TASKS, task_of
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Statement, any_given

_OPEN: Final = Statement(
    TASKS.where(col(TaskRow.customer_id) == any_given("customers", Uuid), col(TaskRow.state) == TaskState.OPEN)
    .order_by(col(TaskRow.id))
    .with_for_update(),
    task_of,
)
_FORGET: Final = {
    "contacts": Statement("DELETE FROM contact WHERE customer_id = ANY(:customers::uuid[])"),
    "consents": Statement("DELETE FROM consent WHERE customer_id = ANY(:customers::uuid[])"),
    "consent_history": Statement("DELETE FROM consent_history WHERE customer_id = ANY(:customers::uuid[])"),
    "consent_sheets": Statement("DELETE FROM consent_sheet WHERE customer_id = ANY(:customers::uuid[])"),
    "consent_proposals": Statement("DELETE FROM consent_proposal WHERE customer_id = ANY(:customers::uuid[])"),
    "touch_records": Statement(
        "UPDATE task SET record = NULL WHERE customer_id = ANY(:customers::uuid[]) AND record IS NOT NULL"
    ),
    "messages_dropped": Statement(
        """
        WITH waiting AS (
            SELECT id FROM message
            WHERE customer_id = ANY(:customers::uuid[]) AND state IN ('planned', 'held', 'sending')
            ORDER BY id FOR UPDATE
        )
        UPDATE message SET outdated = true, next_at = NULL,
            state = CASE message.state WHEN 'sending' THEN 'sending' ELSE 'refused' END,
            reason = CASE message.state WHEN 'sending' THEN message.reason ELSE 'erased' END
        FROM waiting WHERE message.id = waiting.id
        """
    ),
    "messages_emptied": Statement(
        """
        UPDATE message SET address = NULL, reference = NULL, variables = '{}'
        WHERE customer_id = ANY(:customers::uuid[])
            AND (address IS NOT NULL OR reference IS NOT NULL OR variables <> '{}')
        """
    ),
}
"""What it is -> how it goes. What a sender has in hand leaves the house; its address is forgotten all the same."""


async def open_tasks(transaction: Connection, customers: Sequence[UUID]) -> list[Task]:
    """What is planned for a customer, under all their ids, held."""
    return await _OPEN.all(transaction, customers=list(customers))


async def forget(transaction: Connection, customers: Sequence[UUID]) -> dict[str, int]:
    """Removes or empties all that is personal; what it was, and how many of it."""
    done = {what: await each.execute(transaction, customers=list(customers)) for what, each in _FORGET.items()}
    return {what: int(each.split()[-1]) for what, each in done.items()}
