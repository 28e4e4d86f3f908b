"""Numbers are found in part in the order of lists, what earlier releases kept is made findable, tiers are counted at once.

Each place in a count at which four digits may stand gets an index. Places that only a longer count has are left out for
shorter ones, so they cost nothing before the millionth case. The indexes are built over what is kept of every case for
search: a million of them take some ten seconds, in which reads go on, and what is kept of new cases waits; recording does
not. What the release before asked of the two indexes that go is answered more slowly until it is replaced.

Two tables are new. One holds, for minutes, which open cases have got another tier; the other at most three rows, which
say what workers go through, some rows at a time. A database without cases has nothing to go through.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
SERVES = "0009"

PLACES = range(1, 6)
IN_EVERY_COUNT = 3
TABLES = (
    """
    CREATE TABLE tier_move (
        moved_in bigint,
        complaint_id uuid,
        moved_at timestamptz NOT NULL,
        PRIMARY KEY (moved_in, complaint_id)
    )
    """,
    """
    CREATE TABLE trace_backfill (
        what text PRIMARY KEY,
        after_id uuid NOT NULL,
        looked_at bigint NOT NULL,
        turns_left smallint NOT NULL,
        not_before timestamptz NOT NULL
    )
    """,
)
BEGIN = """
INSERT INTO trace_backfill (what, after_id, looked_at, turns_left, not_before)
SELECT what, '00000000-0000-0000-0000-000000000000', 0, 2, '1970-01-01T00:00:00Z'
FROM (VALUES ('cases', EXISTS (SELECT FROM complaint)),
             ('contacts', EXISTS (SELECT FROM contact)),
             ('entries', EXISTS (SELECT FROM case_entry))) AS had (what, any_of_it)
WHERE any_of_it
"""


def upgrade() -> None:
    for made in TABLES:
        op.execute(made)
    op.execute(BEGIN)
    for place in PLACES:
        reaches = f"WHERE strpos(number_reversed, '-') > {place + 3}" if place > IN_EVERY_COUNT else ""
        op.execute(
            f"CREATE INDEX case_trace_digits_{place} ON case_trace (substr(number_reversed, {place}, 4), at, complaint_id) "
            f"INCLUDE (number_reversed) {reaches}"
        )
    op.execute("DROP INDEX case_trace_number_parts")
    op.execute("DROP INDEX case_trace_number")


def downgrade() -> None:
    parts = ", ".join(f"substr(number_reversed, {n}, 3)" for n in range(1, 7))
    op.execute("CREATE INDEX case_trace_number ON case_trace (number_reversed)")
    op.execute(f"CREATE INDEX case_trace_number_parts ON case_trace USING gin ((ARRAY[{parts}]))")
    for place in PLACES:
        op.execute(f"DROP INDEX case_trace_digits_{place}")
    op.execute("DROP TABLE trace_backfill")
    op.execute("DROP TABLE tier_move")
