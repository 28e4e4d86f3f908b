"""Writing a version of a policy."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from services.complaints.context import Context
from services.complaints.policies import store
from services.complaints.policies.domain import PolicyName, PolicyVersion
from services.complaints.scheme import handlers as scheme
from shared import audit
from shared.ids import new_id

Definition: TypeAlias = Mapping[str, Any]


async def write(
    context: Context,
    policy: PolicyName,
    starts_at: datetime | None,
    define: Callable[[Definition], Definition],
    *,
    by: UUID,
) -> PolicyVersion:
    """Adds a version; `define` makes its definition of that of the version before. It starts now unless said.

    What was judged by an earlier version stays as it was, also where this one starts in the past.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        latest = await store.hold_latest(transaction, policy)
        version = PolicyVersion(
            policy=policy,
            version=latest.version + 1,
            id=new_id(),
            definition=define(latest.definition),
            starts_at=starts_at or now,
        )
        await store.add(transaction, version, now, by)
        await scheme.announce(transaction)
        await audit.enter(transaction, by, f"{policy}.versioned", version.id)
    return version
