"""Reading the company profile."""

from services.customers.company import store
from services.customers.company.domain import Profile, ProfileNotSet
from services.customers.context import Context


async def read(context: Context) -> Profile:
    """Raises ProfileNotSet."""
    found = await store.read(context.database)
    if found is None:
        raise ProfileNotSet("set it: PUT /customers/v1/company-profile")
    return found
