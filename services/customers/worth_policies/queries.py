"""Reads of the policy of worth, and of the versions of whatever policy has such ones."""

from typing import Protocol, TypeVar

from services.customers.context import Context
from services.customers.worth_policies import store
from services.customers.worth_policies.domain import PolicyVersionNotFound, WorthPolicy
from shared.statement import Statement


class Versioned(Protocol):
    """A version of a policy."""

    @property
    def version(self) -> int: ...


P = TypeVar("P", bound=Versioned)


async def present(context: Context) -> WorthPolicy:
    """The version that holds."""
    return await store.present(context.database)


async def versions(context: Context, after: int | None, most: int) -> list[WorthPolicy]:
    """Every version, oldest first."""
    return await every(context, store.VERSIONS, after, most)


async def version(context: Context, number: int) -> WorthPolicy:
    """One version. Raises PolicyVersionNotFound."""
    return await numbered(context, store.VERSIONS, number)


async def every(context: Context, of: Statement[P], after: int | None, most: int) -> list[P]:
    """Versions of a policy after a number, oldest first."""
    return await of.all(context.database, after=after or 0, most=most)


async def numbered(context: Context, of: Statement[P], number: int) -> P:
    """One version of a policy by its number. Raises PolicyVersionNotFound."""
    found = await of.all(context.database, after=number - 1, most=1)
    if not found or found[0].version != number:
        raise PolicyVersionNotFound("the list of its versions has those there are")
    return found[0]
