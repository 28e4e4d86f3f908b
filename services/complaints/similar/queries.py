"""Finding cases whose words are alike."""

from uuid import UUID

from services.complaints.cases.queries import Row, read_case, words_of
from services.complaints.contacts.queries import names_of
from services.complaints.context import Context
from services.complaints.similar.domain import (
    COMPARED,
    LEAST,
    LOOKED_UP,
    MOST,
    NEWEST_OF_EACH,
    SimilarCase,
    similar_case,
)
from shared.statement import Statement

_SIMILAR = Statement(
    """
    WITH mine AS MATERIALIZED (
        SELECT grams FROM case_trace WHERE complaint_id = :id
    ), met AS MATERIALIZED (
        SELECT found.complaint_id, count(*) AS shared
        FROM (SELECT unnest(grams) AS gram FROM mine LIMIT {looked_up}) AS sought,
             LATERAL (SELECT s.complaint_id FROM case_sketch s WHERE s.gram = sought.gram AND s.complaint_id <> :id
                      ORDER BY s.complaint_id DESC LIMIT {newest}) AS found
        GROUP BY found.complaint_id ORDER BY shared DESC, found.complaint_id DESC LIMIT {compared}
    ), alike AS (
        SELECT met.complaint_id, round(common.n::numeric
                   / (cardinality(t.grams) + cardinality(mine.grams) - common.n), 2) AS likeness
        FROM met JOIN case_trace t USING (complaint_id) CROSS JOIN mine,
             LATERAL (SELECT count(*) AS n FROM (SELECT unnest(t.grams) INTERSECT SELECT unnest(mine.grams)) AS in_both)
                 AS common
    )
    SELECT c.id, c.number, c.state, c.subject, c.customer_id, c.recorded_at, alike.likeness,
        CASE WHEN c.customer_id IS NULL THEN c.words END AS words
    FROM alike JOIN complaint c ON c.id = alike.complaint_id
    WHERE alike.likeness >= :least
    ORDER BY alike.likeness DESC, c.id DESC LIMIT {most}
    """,
    looked_up=str(LOOKED_UP),
    newest=str(NEWEST_OF_EACH),
    compared=str(COMPARED),
    most=str(MOST),
)
"""By hand: how much is looked at is the same however many cases there are."""


async def list_similar(context: Context, id_: UUID) -> list[SimilarCase]:
    """The cases whose words are most alike, the most alike first. Raises ComplaintNotFound."""
    await read_case(context, id_, viewer=None)
    rows = [dict(row.items()) for row in await _SIMILAR.all(context.database, id=id_, least=LEAST)]
    names = await names_of(context, [row["customer_id"] for row in rows if row["customer_id"] is not None])
    return [
        similar_case(customer_name=names.get(row["customer_id"]), complainant_name=_complainant(context, row), **row)
        for row in rows
    ]


def _complainant(context: Context, row: Row) -> str | None:
    """Takes the words out of the row; who is nobody's customer is named there."""
    words = row.pop("words")
    complainant = words_of(context, row["id"], {"words": words}).complainant if words is not None else None
    return complainant["name"] if complainant else None
