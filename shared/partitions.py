"""The monthly partitions of the event log."""

ENSURE_PARTITION = """
DO $$
DECLARE
    first timestamptz := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
BEGIN
    FOR ahead IN 0..1 LOOP
        BEGIN
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS event_log_%s PARTITION OF event_log FOR VALUES FROM (%L) TO (%L)',
                to_char(first + make_interval(months => ahead), 'YYYY_MM'),
                first + make_interval(months => ahead), first + make_interval(months => ahead + 1));
        EXCEPTION WHEN check_violation THEN
            NULL; -- rows of that month already lie in the default partition, where they serve as well
        END;
    END LOOP;
END $$
"""
"""Makes the partitions of this month and the next; the default partition takes whatever has none."""
