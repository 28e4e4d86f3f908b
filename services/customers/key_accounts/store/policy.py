"""How key accounts are scored, in the database."""

from typing import Final

from sqlalchemy import select
from sqlmodel import col

from services.customers.key_accounts.domain.accounts import KeyAccountPolicy
from services.customers.key_accounts.tables import KeyAccountPolicyRow
from services.customers.worth_policies.store import versions_of
from shared.db import Connection
from shared.statement import Reader, Statement, insert_one, table

_HOLD: Final = Statement("LOCK TABLE key_account_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_PRESENT: Final = Statement(
    select(*table(KeyAccountPolicyRow).c).order_by(col(KeyAccountPolicyRow.version).desc()).limit(1),
    KeyAccountPolicy.kept,
)
VERSIONS: Final = versions_of("key_account_policy", KeyAccountPolicy.kept)
_ADD: Final = Statement(insert_one(KeyAccountPolicyRow, "version", "id", "definition", "set_at", "set_by"))


async def present(reader: Reader) -> KeyAccountPolicy:
    """The version that holds now; the migration brings the first."""
    [found] = await _PRESENT.all(reader)
    return found


async def hold(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, policy: KeyAccountPolicy) -> None:
    """Adds the next version."""
    await _ADD.execute(
        transaction,
        version=policy.version,
        id=policy.id,
        definition=policy.definition(),
        set_at=policy.set_at,
        set_by=policy.set_by,
    )
