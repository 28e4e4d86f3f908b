"""Reading what waits for somebody. By hand: all begins with the customers of whose teams they are."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.me.domain import (
    DUE_WITHIN,
    ENDING_WITHIN,
    MOST,
    DuePromise,
    DueStep,
    EndingContract,
    Mine,
    MyStore,
    OverdueInvoice,
)
from services.customers.opportunities.store import words_in
from shared.statement import Reader, Statement

_OWN: Final = "(SELECT DISTINCT t.customer_id FROM account_team t WHERE t.staff_id = :me)"
_STORES: Final = Statement(
    """
    SELECT c.id AS customer_id, a.name, c.tier, own.roles, coalesce(s.active_at, a.registered_at) AS rested_since,
        a.erased_at
    FROM (SELECT t.customer_id, array_agg(t.role ORDER BY t.role) AS roles
          FROM account_team t WHERE t.staff_id = :me GROUP BY t.customer_id) AS own
    JOIN customer c ON c.id = own.customer_id JOIN archive a ON a.customer_id = c.id
    LEFT JOIN archive_standing s ON s.customer_id = c.id
    ORDER BY c.tier, c.id
    """,
    MyStore,
)
_CONTRACTS: Final = Statement(
    """
    SELECT k.id AS contract_id, k.customer_id, a.name AS customer_name, b.name AS brand_name, k.ends_on, k.asked_end
    FROM {own} AS own JOIN contract k ON k.customer_id = own.customer_id
    JOIN archive a ON a.customer_id = k.customer_id JOIN brand b ON b.id = k.brand_id
    WHERE k.withdrawn_at IS NULL
        AND (k.ends_on BETWEEN :today AND :until
            OR k.asked_end IS NOT NULL AND (k.ends_on IS NULL OR k.ends_on > :today))
    ORDER BY least(k.ends_on, k.asked_end), k.id LIMIT :most
    """,
    EndingContract,
    own=_OWN,
)
_PROMISES: Final = Statement(
    """
    SELECT p.commitment_id, p.customer_id, a.name AS customer_name, p.complaint_id, p.staff_id, s.name AS staff_name,
           p.code, p.due_at
    FROM {own} AS own JOIN promise p ON p.customer_id = own.customer_id AND p.owed
    JOIN archive a ON a.customer_id = p.customer_id LEFT JOIN staff s ON s.id = p.staff_id
    WHERE p.due_at <= :until ORDER BY p.due_at, p.commitment_id LIMIT :most
    """,
    DuePromise,
    own=_OWN,
)
_INVOICES: Final = Statement(
    """
    SELECT p.id AS payment_id, p.customer_id, a.name AS customer_name, p.invoice_no, p.due_on, p.amount
    FROM {own} AS own JOIN payment p ON p.customer_id = own.customer_id
    JOIN archive a ON a.customer_id = p.customer_id
    WHERE p.paid_on IS NULL AND p.withdrawn_at IS NULL AND p.due_on < :today
    ORDER BY p.due_on, p.id LIMIT :most
    """,
    OverdueInvoice,
    own=_OWN,
)
_STEPS: Final = Statement(
    """
    SELECT o.id, o.prospect_id, o.customer_id, a.name AS customer_name, o.words, o.next_step_on
    FROM opportunity o LEFT JOIN archive a ON a.customer_id = o.customer_id
    WHERE o.owner_id = :me AND o.outcome = 'open' AND o.next_step_on <= :today
    ORDER BY o.next_step_on, o.id LIMIT :most
    """
)


async def mine(context: Context, me: UUID) -> Mine:
    """What waits for somebody now. Stores are all of theirs; of the rest the most urgent."""
    now, today = context.clock.now(), context.today()
    async with context.database.connection() as reader:
        return Mine(
            await _STORES.all(reader, me=me),
            await _CONTRACTS.all(reader, me=me, today=today, until=today + ENDING_WITHIN, most=MOST),
            await _PROMISES.all(reader, me=me, until=now + DUE_WITHIN, most=MOST),
            await _INVOICES.all(reader, me=me, today=today, most=MOST),
            await _steps(context, reader, me),
        )


async def _steps(context: Context, reader: Reader, me: UUID) -> list[DueStep]:
    return [
        DueStep(
            row["id"],
            row["prospect_id"],
            row["customer_id"],
            row["customer_name"],
            words_in(row, context.words).get("next_step"),
            row["next_step_on"],
        )
        for row in await _STEPS.all(reader, me=me, today=context.today(), most=MOST)
    ]
