"""Read rows of a purchases file become purchases: judged, recorded and announced in one statement (decision 13).

Rows are taken by customer and time, so equal rows of a customer come one after the other and their ordinals are
counted on the way; the place reached and the ordinal there are kept with the part, in the same transaction. Nothing of
a row passes through this process, so all of it is by hand.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.imports.domain.jobs import Applied, JobPlace, Part
from services.customers.imports.domain.troubles import Trouble
from services.customers.purchases.store.entries import consequences
from shared.db import Connection
from shared.ids import SQL as NEW_ID
from shared.statement import Statement, with_parts
from shared.telemetry import current_traceparent

BATCH = 5_000


_BATCH = """batch AS MATERIALIZED (
    SELECT customer_no, occurred_at, content, row_no, month, amount, brand_id, external_no, numbered,
           order_no, receipt_no, lines
    FROM import_row
    WHERE import_id = :import_id AND customer_no <= :upto
      AND (customer_no, occurred_at, content, row_no) > (:customer_no, :occurred_at, :content, :row_no)
    ORDER BY customer_no, occurred_at, content, row_no LIMIT :most
)"""

_IN_ORDER = Statement("SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)")
"""By hand: the next rows come from the index, whose order is theirs.

Rows lie anywhere in the table, so the planner would rather sort all that are left, for every batch anew.
"""
_CUSTOMERS = Statement(
    """
    WITH {batch}, number AS (SELECT DISTINCT customer_no FROM batch)
    SELECT n.customer_no, coalesce(a.customer_id, k.kept_id) AS customer_id
    FROM number n LEFT JOIN archive a ON a.external_no = n.customer_no
    LEFT JOIN customer_merge m ON m.external_no = n.customer_no AND m.unmerged_at IS NULL
    LEFT JOIN customer_alias k ON k.id = m.merged_id
    ORDER BY 1
    """,
    batch=_BATCH,
)

_JUDGED = with_parts(
    """{batch},
counted AS (
    SELECT b.*, known.customer_id,
           count(*) FILTER (WHERE b.numbered IS NULL) OVER equal_rows
               + CASE WHEN b.content = :content THEN :ordinal::integer ELSE 0 END AS ordinal
    FROM batch b
    LEFT JOIN unnest(:numbers::text[], :customers::uuid[]) AS known(customer_no, customer_id) USING (customer_no)
    WINDOW equal_rows AS (PARTITION BY b.customer_no, b.occurred_at, b.content ORDER BY b.row_no
                          ROWS UNBOUNDED PRECEDING)
),
identified AS (
    SELECT c.*, CASE WHEN c.numbered IS NOT NULL THEN uuid_send(c.numbered)
                     WHEN c.ordinal = 1 THEN uuid_send(c.content)
                     ELSE substr(sha256(uuid_send(c.content) || int8send(c.ordinal)), 1, 16) END AS identity
    FROM counted c
),
judged AS MATERIALIZED (
    SELECT i.*, coalesce(brand.grade, 'mid') AS grade, besides.otherwise,
           CASE WHEN i.customer_id IS NULL AND NOT :creating::boolean THEN '{unknown_customer}'
                WHEN first.row_no < i.row_no THEN
                    CASE WHEN first.content <> i.content OR first.otherwise THEN '{number_reused}' ELSE 'repeated' END
                WHEN p.id IS NULL THEN 'ok'
                WHEN besides.otherwise IS NOT NULL THEN '{exists_otherwise}'
                WHEN i.numbered IS NULL THEN 'repeated'
                WHEN (p.customer_id, p.amount, p.occurred_at, p.brand_id, p.returns_id) IS NOT DISTINCT FROM
                     (i.customer_id, i.amount, i.occurred_at, i.brand_id, NULL::uuid) THEN 'repeated'
                ELSE '{number_reused}' END AS verdict
    FROM identified i LEFT JOIN brand ON brand.id = i.brand_id
    LEFT JOIN purchase p ON p.identity = i.identity
    LEFT JOIN LATERAL (
        SELECT e.row_no, e.content, coalesce(e.order_no <> i.order_no, false)
            OR coalesce(e.receipt_no <> i.receipt_no, false) OR coalesce(e.lines <> i.lines, false) AS otherwise
        FROM import_row e
        WHERE e.import_id = :import_id AND e.numbered = i.numbered ORDER BY e.row_no LIMIT 1
    ) first ON i.numbered IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT CASE WHEN i.order_no <> p.order_no THEN 'order_no' WHEN i.receipt_no <> p.receipt_no THEN 'receipt_no'
                    WHEN i.lines IS NOT NULL AND (
                        SELECT jsonb_agg(said - 'cost' ORDER BY line_no)
                        FROM jsonb_array_elements(i.lines) WITH ORDINALITY AS s (said, line_no)
                    ) <> (
                        SELECT jsonb_agg(jsonb_build_object('product', l.product, 'batch', l.batch, 'quantity',
                                                            l.quantity, 'amount', l.amount::text) ORDER BY l.line_no)
                        FROM purchase_line l WHERE l.entry_id = p.id
                    ) OR EXISTS (
                        SELECT FROM jsonb_array_elements(i.lines) WITH ORDINALITY AS s (said, line_no)
                        JOIN purchase_line l ON l.entry_id = p.id AND l.line_no = s.line_no
                        WHERE l.cost <> (s.said ->> 'cost')::numeric
                    ) THEN 'lines' END AS otherwise
    ) besides ON true
),
refused AS (
    INSERT INTO import_fault (import_id, row_no, field, trouble)
    SELECT :import_id, row_no,
           CASE verdict WHEN '{unknown_customer}' THEN 'customer_no' WHEN '{exists_otherwise}' THEN otherwise
                        ELSE 'external_no' END, verdict
    FROM judged WHERE verdict NOT IN ('ok', 'repeated')
    ON CONFLICT DO NOTHING
)""",
    batch=_BATCH,
    unknown_customer=Trouble.UNKNOWN_CUSTOMER,
    number_reused=Trouble.NUMBER_REUSED,
    exists_otherwise=Trouble.EXISTS_OTHERWISE,
)
"""What the row or what stands leaves unsaid of order, receipt and lines is no difference: it stays as it is."""

_FIGURES = """
SELECT count(*) FILTER (WHERE verdict = 'ok') AS ok,
       count(*) FILTER (WHERE verdict = 'repeated') AS repeated,
       count(*) FILTER (WHERE verdict NOT IN ('ok', 'repeated')) AS refused,
       (SELECT array_agg(DISTINCT customer_id) FROM judged WHERE verdict = 'ok' AND month >= :running) AS entered,
       last.customer_no, last.occurred_at, last.content, last.row_no, last.ordinal
FROM judged, LATERAL (
    SELECT customer_no, occurred_at, content, row_no, ordinal FROM judged
    ORDER BY customer_no DESC, occurred_at DESC, content DESC, row_no DESC LIMIT 1
) last
GROUP BY last.customer_no, last.occurred_at, last.content, last.row_no, last.ordinal
"""


def _applied(
    ok: int, repeated: int, refused: int, entered: Sequence[UUID] | None, alike: int = 0, **last: Any
) -> Applied:
    return Applied(ok, repeated, refused, JobPlace(**last), entered or (), alike)


_CHECK = Statement(
    """
WITH {judged},
alike AS (
    INSERT INTO import_fault (import_id, row_no, field, trouble)
    SELECT :import_id, j.row_no, 'external_no',
           CASE WHEN j.numbered IS NULL THEN '{equals_numbered}' ELSE '{equals_unnumbered}' END
    FROM judged j
    WHERE j.verdict = 'ok' AND EXISTS (
        SELECT FROM purchase p
        WHERE p.customer_id = j.customer_id AND p.amount = j.amount AND p.returns_id IS NULL AND p.reversed_at IS NULL
          AND p.occurred_at >= date_trunc('day', j.occurred_at, :zone)
          AND p.occurred_at < date_trunc('day', j.occurred_at, :zone) + interval '1 day'
          AND (p.external_no IS NULL) <> (j.numbered IS NULL)
    )
    ON CONFLICT DO NOTHING RETURNING row_no
)
SELECT figures.*, (SELECT count(*) FROM alike) AS alike FROM ({figures}) figures
""",
    _applied,
    judged=_JUDGED,
    figures=_FIGURES,
    equals_numbered=Trouble.EQUALS_NUMBERED,
    equals_unnumbered=Trouble.EQUALS_UNNUMBERED,
)
"""A row that has a number is new beside one without, and the other way round: a dry run tells of such pairs."""

_BUYERS = Statement(
    "WITH {judged} SELECT DISTINCT customer_no FROM judged WHERE verdict = 'ok' AND customer_id IS NULL ORDER BY 1",
    judged=_JUDGED,
)

_TOLD_LINES = """CASE WHEN lines IS NULL THEN '[]'::jsonb
    ELSE (SELECT jsonb_agg(said - 'amount' - 'cost') FROM jsonb_array_elements(lines) AS said) END"""
"""What is told of lines, as single entries tell it: not what was paid for them or what they cost."""
_RECORD = Statement(
    """
WITH {judged},
fresh AS MATERIALIZED (
    SELECT {new_id} AS id, customer_id, brand_id, grade, amount, occurred_at, month, external_no, identity, order_no,
           receipt_no, lines
    FROM judged WHERE verdict = 'ok' ORDER BY customer_no, occurred_at, content, row_no
), entered AS (
    INSERT INTO purchase (id, version, customer_id, brand_id, grade, amount, returned, occurred_at, month, external_no,
                          identity, import_id, order_no, receipt_no)
    SELECT id, 1, customer_id, brand_id, grade, amount, 0, occurred_at, month, external_no, identity, :import_id,
           order_no, receipt_no FROM fresh
), goods AS (
    INSERT INTO purchase_line (entry_id, line_no, product, batch, quantity, amount, cost)
    SELECT f.id, l.line_no, l.said ->> 'product', l.said ->> 'batch', (l.said ->> 'quantity')::integer,
           (l.said ->> 'amount')::numeric, (l.said ->> 'cost')::numeric
    FROM fresh f, jsonb_array_elements(f.lines) WITH ORDINALITY AS l (said, line_no) WHERE f.lines IS NOT NULL
), {consequences}
{figures}
""",
    _applied,
    new_id=NEW_ID,
    judged=_JUDGED,
    consequences=consequences("true", lines=_TOLD_LINES),
    figures=_FIGURES,
)


Customers = Mapping[str, UUID | None]
"""Numbers of the next batch, and whose they are; None for a number that nobody has."""


async def customers(reader: Connection, id_: UUID, part: Part) -> Customers:
    """Whom the next batch is about; called before anything else is asked of it."""
    await _IN_ORDER.execute(reader)
    found = await _CUSTOMERS.all(reader, **_batch(id_, part))
    return {row["customer_no"]: row["customer_id"] for row in found}


async def check(
    transaction: Connection, id_: UUID, part: Part, who: Customers, *, creating: bool, running: int, zone: str
) -> Applied | None:
    """Judges the next batch and writes nothing but what is listed; None when no row is left.

    `running` is the present month, `zone` the company's.
    """
    return await _CHECK.one(transaction, **_values(id_, part, who), creating=creating, running=running, zone=zone)


async def unregistered_buyers(transaction: Connection, id_: UUID, part: Part, who: Customers) -> list[str]:
    """Numbers that nobody has and for which the next batch records a purchase: a refused row creates no store."""
    found = await _BUYERS.all(transaction, **_values(id_, part, who), creating=True)
    return [row["customer_no"] for row in found]


async def record(
    transaction: Connection, id_: UUID, part: Part, who: Customers, *, creating: bool, running: int, at: datetime
) -> Applied | None:
    """Judges and records the next batch, whose customers are locked; None when no row is left."""
    return await _RECORD.one(
        transaction,
        **_values(id_, part, who),
        creating=creating,
        running=running,
        at=at,
        traceparent=current_traceparent(),
    )


def _batch(id_: UUID, part: Part) -> dict[str, object]:
    """Which rows are next."""
    place = part.place
    return {
        "import_id": id_,
        "upto": part.upto,
        "customer_no": place.customer_no,
        "occurred_at": place.occurred_at,
        "content": place.content,
        "row_no": place.row_no,
        "most": BATCH,
    }


def _values(id_: UUID, part: Part, who: Customers) -> dict[str, object]:
    return {**_batch(id_, part), "ordinal": part.place.ordinal, "numbers": list(who), "customers": list(who.values())}
