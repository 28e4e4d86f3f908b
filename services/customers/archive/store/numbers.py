"""Who has a phone number: the one place that says where numbers are kept."""

from shared.statement import with_parts


def with_number(trace: str) -> str:
    """SQL for the ids of customers who have a number or an e-mail, or one of whose people, or whose owner, has it.

    `trace` is SQL for its trace, such as :trace.
    """
    return with_parts(
        """SELECT t.customer_id FROM archive t WHERE t.traces @> ARRAY[CAST({trace} AS bytea)]
        UNION SELECT p.customer_id FROM person p WHERE p.traces @> ARRAY[CAST({trace} AS bytea)]
        UNION SELECT s.customer_id FROM owner w JOIN ownership s ON s.owner_id = w.id AND s.until IS NULL
        WHERE w.traces @> ARRAY[CAST({trace} AS bytea)]""",
        trace=trace,
    )
