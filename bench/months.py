"""The close of a month against the bare statement: performance row 11.

    python -m bench.months

100,000 customers, 1,000,000 purchases in the month. Floor: one statement that sums the purchases and updates the tiers
that differ, committed. Ours: the close through its handler, with history, events, shares and moves, committed.
"""

import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from services.customers.context import Context
from services.customers.tiers.handlers.closing import close_month
from shared.auth.tokens import TokenVerifier
from shared.clock import ManualClock
from shared.db import Database
from shared.migrations import upgrade
from shared.months import Month
from shared.runtime import Runtime
from shared.settings import Settings
from shared.telemetry import configure_logging
from tests.support import ISSUER, MASTER_KEY, START

CUSTOMERS = 100_000
PURCHASES_EACH = 10
ROUNDS = 5
MONTH = Month(2026, 10)

_FILL = (
    "ALTER TABLE purchase DISABLE TRIGGER USER",
    "ALTER TABLE month_total DISABLE TRIGGER USER",
    f"""
    INSERT INTO customer (id, version, tier, counts_from, first_purchase)
    SELECT uuidv7(), 1, 'D', {MONTH.ordinal}, {MONTH.ordinal} FROM generate_series(1, {CUSTOMERS})
    """,
    f"""
    INSERT INTO purchase (id, version, customer_id, grade, amount, returned, occurred_at, month, identity)
    SELECT uuidv7(), 1, c.id, 'mid', round((random() * 2500)::numeric, 2), 0, '2026-10-10+08', {MONTH.ordinal},
           uuid_send(uuidv7())
    FROM customer c, generate_series(1, {PURCHASES_EACH})
    """,
    f"""
    INSERT INTO month_total (customer_id, month, grade, amount)
    SELECT customer_id, {MONTH.ordinal}, 'mid', sum(amount) FROM purchase GROUP BY customer_id
    """,
    "ALTER TABLE purchase ENABLE TRIGGER USER",
    "ALTER TABLE month_total ENABLE TRIGGER USER",
)
"""What marks who is listed and judged anew is for entries one by one and by thousands, not for a million in one
statement; a close needs none of it."""
_JUDGED = f"""
SELECT customer_id, CASE WHEN sum(amount) >= 10000 THEN 'A' WHEN sum(amount) >= 3000 THEN 'B'
                         WHEN sum(amount) >= 1000 THEN 'C' ELSE 'D' END AS tier
FROM purchase WHERE month = {MONTH.ordinal} GROUP BY customer_id
"""
_BARE = f"""
WITH judged AS ({_JUDGED})
UPDATE customer c SET tier = j.tier, version = c.version + 1
FROM judged j WHERE c.id = j.customer_id AND c.tier <> j.tier
"""
_MISPLACE = f"""
WITH judged AS ({_JUDGED}), numbered AS (SELECT *, row_number() OVER (ORDER BY customer_id) AS n FROM judged)
UPDATE customer c
SET tier = CASE WHEN n % 100 < $1 THEN CASE j.tier WHEN 'D' THEN 'C' ELSE 'D' END ELSE j.tier END
FROM numbered j WHERE c.id = j.customer_id
"""
_FORGET = "TRUNCATE closed_month, tier_change, event_log"


def main() -> None:
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name) / "postgresql") as postgres:
            postgres.ensure_databases(["customers"])
            save("months", uvloop.run(measure(postgres.socket_url("customers"))))


async def measure(url: str) -> list[Result]:
    await upgrade("customers", url)
    settings = Settings()
    database = await Database.connect(url, pool_size=2, statement_seconds=300)
    verifier = TokenVerifier(settings, ISSUER.public_keys)
    context = Context.of(Runtime(settings, database, ManualClock(START), verifier, MASTER_KEY))
    for statement in _FILL:
        await database.execute(statement)
    results = [
        await _moving(context, 20, Result("month close, 20 % move / bare statement", "11", 0, 0, "s", 1.5, True)),
        await _moving(context, 100, Result("month close, all move / bare statement", "11", 0, 0, "s", 4, True)),
    ]
    await database.close()
    return results


async def _moving(context: Context, percent: int, row: Result) -> Result:
    ours, floor = [], []
    for _ in range(ROUNDS):
        await _misplace(context.database, percent)
        began = time.perf_counter()
        await context.database.execute(_BARE)
        floor.append(time.perf_counter() - began)
        await _misplace(context.database, percent)
        began = time.perf_counter()
        closed = await close_month(context, MONTH)
        ours.append(time.perf_counter() - began)
        assert closed.changed == CUSTOMERS * percent // 100, closed.changed
    return Result(row.what, row.row, statistics.median(ours), statistics.median(floor), row.unit, row.goal, True)


async def _misplace(database: Database, percent: int) -> None:
    """Stands `percent` of the customers in a tier that they did not earn, and clears what a close wrote."""
    await database.execute(_FORGET)
    await database.execute(_MISPLACE, percent)
    await database.execute("VACUUM ANALYZE customer")


if __name__ == "__main__":
    main()
