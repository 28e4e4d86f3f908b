"""Reads of the policy of worth."""

from services.customers.context import Context
from services.customers.worth_policies import store
from services.customers.worth_policies.domain import WorthPolicy


async def present(context: Context) -> WorthPolicy:
    """The version that holds."""
    return await store.present(context.database)
