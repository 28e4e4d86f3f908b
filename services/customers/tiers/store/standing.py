"""Standing tiers in the database: lifted by the running month, or given back; for one customer or for all at once.

By hand: their common tables are the point. What they have in common with others stands in `judging` and `moving`.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record

from services.customers.tiers.domain.standing import Earned, Move, Rules
from services.customers.tiers.store import months
from services.customers.tiers.store.judging import (
    RULE,
    RUNNING,
    earned_tables,
    rules_values,
    running_judged,
    running_values,
    total_of,
    unpinned,
    window_sums,
)
from services.customers.tiers.store.moving import MOVE, WANTED, move_values
from services.customers.tiers.store.policies import version_in_force
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Statement

_SOME = "ANY(:customers::uuid[])"


def _lift(customers: str) -> Statement[Record]:
    """The running month lifts at once and never lowers (decision 9)."""
    return Statement(
        """
WITH {rule},
{running_sums},
{running},
target AS MATERIALIZED (
    SELECT r.*, {total} AS total FROM running r WHERE r.tier < r.standing AND {unpinned}
), {move}
SELECT {wanted}
""",
        rule=RULE,
        running_sums=window_sums("running_sums", "rule", RUNNING, customers),
        running=running_judged(f"c.id = {customers}" if customers else "true"),
        total=total_of("r"),
        unpinned=unpinned("r"),
        move=MOVE,
        wanted=WANTED,
    )


_LIFT_SOME, _LIFT_ALL = _lift(_SOME), _lift("")
_RESTORE = Statement(
    """
WITH {earned},
target AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {unpinned}), {move}
SELECT {wanted}
""",
    earned=earned_tables(_SOME),
    unpinned=unpinned("b"),
    move=MOVE,
    wanted=WANTED,
)
_EARNED = Statement(
    "WITH {earned} SELECT id AS customer_id, standing, tier, total, policy_version FROM both_judged",
    Earned,
    earned=earned_tables(_SOME),
)


async def rules_on(reader: Reader, today: date) -> Rules:
    """What judges a customer on a day: the latest closed window, and the running month."""
    in_force = await version_in_force(reader, today)
    latest = await months.latest_closed(reader)
    closed, policy = latest or (None, in_force)
    return Rules(closed, policy, Month(today.year, today.month), in_force)


async def lift(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID] | None = None) -> None:
    """Lifts who earned more in the running month than stands; the given customers or all."""
    values = {**move_values(move), **running_values(rules)}
    if customers is None:
        await _LIFT_ALL.execute(transaction, **values)
    else:
        await _LIFT_SOME.execute(transaction, **values, customers=customers)


async def restore(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID]) -> None:
    """Gives customers whose rows are locked the tier that their purchases earn."""
    await _RESTORE.execute(transaction, **move_values(move), **rules_values(rules), customers=customers)


async def earned(reader: Reader, rules: Rules, customer_id: UUID) -> Earned | None:
    """What one customer's purchases earn it now."""
    return await _EARNED.one(reader, **rules_values(rules), customers=[customer_id])
