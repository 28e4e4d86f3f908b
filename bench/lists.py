"""Lists of customers in every order: what a page touches at 200,000 customers against 2,000.

    python -m bench.lists

Each order's first page, one from the middle, and pages narrowed by a tier and a region that leave the same share of the
customers at both sizes; a figure is the buffers that the statement touches, by explain. `BENCH_LISTS` (customers) makes
it smaller.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from bench.complaints import buffers_of
from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from services.customers.archive.store.pages import SORTS, Form, sorted_page
from shared.migrations import upgrade

MANY: Final = int(os.environ.get("BENCH_LISTS", "200000"))
FEWER: Final = 2_000
PAGE: Final = 51
RUNNING: Final = 2026 * 12 + 10
REGION: Final = UUID(int=1)
_FILL: Final = (
    """
    INSERT INTO region (id, version, name, lowest, highest)
    SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'R' || n, n * 10, n * 10 + 1
    FROM generate_series(1, 10) AS n
    """,
    """
    CREATE TEMPORARY TABLE ids AS
    SELECT n, ('0190' || lpad(to_hex(n), 8, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid AS id,
           hashint4(n) & 2147483647 AS chance
    FROM generate_series(1, $1::integer) AS n
    """,
    """
    INSERT INTO customer (id, version, tier, counts_from)
    SELECT id, 1, substr('ABCD', 1 + chance % 4, 1), 24000 FROM ids
    """,
    """
    INSERT INTO archive (customer_id, kind, name, folded, region_id, language, registered_at, personal, words, traces,
                         sound)
    SELECT id, 'store', 'S' || chance, 's' || chance,
           ('00000000-0000-0000-0000-' || lpad(to_hex(1 + chance / 7 % 10), 12, '0'))::uuid, 'zh-CN', now(), '\\x00',
           '{}', '{}', 'sound' || chance FROM ids
    """,
    """
    INSERT INTO listing (customer_id, updated_at, last_purchase_at, month, month_sum)
    SELECT id, now() - chance % 100000 * interval '1 minute', now() - chance % 90000 * interval '7 minutes',
           CASE WHEN chance % 3 = 0 THEN 24322 ELSE 24321 END, chance % 1000000 / 100.0 FROM ids
    """,
)
"""So many customers: four tiers, ten regions, a third of them bought this month."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name) / "postgresql") as postgres:
            postgres.ensure_databases(["many", "few"])
            many = asyncio.run(_touched(postgres.socket_url("many"), MANY))
            few = asyncio.run(_touched(postgres.socket_url("few"), FEWER))
    save(
        "lists",
        [
            Result(f"customers {what}, buffers at {MANY:,} / {FEWER:,}", "lists", many[what], few[what], "", 1.5, True)
            for what in many
        ],
    )


async def _touched(url: str, size: int) -> dict[str, int]:
    """What is listed -> buffers."""
    await upgrade("customers", url)
    connection: Any = await asyncpg.connect(url)
    try:
        for statement in _FILL:
            await connection.execute(statement, *([size] if "$1" in statement else []))
        await connection.execute("VACUUM ANALYZE customer, archive, listing, region")
        found: dict[str, int] = {}
        for sort in SORTS:
            given: dict[str, object] = {"running": RUNNING} if sort == "month_sum" else {}
            middle = await _middle(connection, sort)
            found[f"by {sort}"] = await _page(connection, (), sort, given)
            found[f"by {sort}, from the middle"] = await _page(connection, (), sort, {**given, **middle})
            for name, value in (("tier", "B"), ("region_id", REGION)):
                form: Form = "plain" if name == sort else "walked"
                what = f"by {sort}, of a {name.removesuffix('_id')}"
                found[what] = await _page(connection, ((name, form),), sort, {**given, name: value})
        return found
    finally:
        await connection.close()


async def _page(connection: Any, forms: tuple[tuple[str, Form], ...], sort: Any, given: dict[str, object]) -> int:
    statement = sorted_page(forms, sort, keyed=True, goes_on="after" in given).limited(PAGE)
    return await buffers_of(connection, statement, **given)


async def _middle(connection: Any, sort: Any) -> dict[str, object]:
    """The place in the middle of a list."""
    by = SORTS[sort]
    order = "DESC" if by.falling else "ASC"
    row = await connection.fetchrow(
        f"""
        SELECT {by.key} AS key, customer.id FROM customer JOIN archive ON archive.customer_id = customer.id
        JOIN listing ON listing.customer_id = customer.id
        WHERE {by.present.replace(":running", str(RUNNING))}
        ORDER BY 1 {order}, 2 {order} OFFSET (SELECT count(*) / 8 FROM customer) LIMIT 1
        """
    )
    return {"after_key": row["key"], "after": row["id"]}


if __name__ == "__main__":
    main()
