"""The policy of worth in the database."""

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import select
from sqlmodel import col

from services.customers.worth_policies.domain import WorthPolicy
from services.customers.worth_policies.tables import WorthPolicyRow
from shared.db import Connection
from shared.statement import Reader, Statement, insert_one, table

P = TypeVar("P")
_FIELDS: Final = ("version", "id", "definition", "set_at", "set_by")
_PRESENT: Final = Statement(
    select(*(table(WorthPolicyRow).c[name] for name in _FIELDS)).order_by(col(WorthPolicyRow.version).desc()).limit(1),
    WorthPolicy.kept,
)
_ADD: Final = Statement(insert_one(WorthPolicyRow, *_FIELDS))
_HOLD: Final = Statement("LOCK TABLE worth_policy IN SHARE ROW EXCLUSIVE MODE")


def versions_of(place: str, kept: Callable[..., P]) -> Statement[P]:
    """Versions of a policy after a number, oldest first; `place` is its table, and all of these have the same columns.

    By hand: the table is a name here."""
    return Statement(
        """
        SELECT version, id, definition, set_at, set_by FROM {place}
        WHERE version > :after::integer ORDER BY version LIMIT :most
        """,
        kept,
        place=place,
    )


VERSIONS: Final = versions_of("worth_policy", WorthPolicy.kept)


async def present(reader: Reader) -> WorthPolicy:
    """The version that holds."""
    [found] = await _PRESENT.all(reader)
    return found


async def hold(transaction: Connection) -> None:
    """Two who set a version at once follow each other."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, policy: WorthPolicy) -> None:
    """The next version."""
    values = {name: getattr(policy, name) for name in _FIELDS if name != "definition"}
    await _ADD.execute(transaction, **values, definition=policy.definition())
