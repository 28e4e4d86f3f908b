"""For whom a change of the archive is sealed, whom it tells of beside them, and when somebody of a store was entered.

Safe on a live table: columns without a value, and indexes of rows that have one: there is none yet, so each takes a
look at the table, some two seconds for ten million changes, in which whoever changes an archive, or merges, waits.
"""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE archive_change ADD COLUMN sealed_for uuid, ADD COLUMN other_id uuid")
    for column in ("sealed_for", "other_id"):
        op.execute(f"CREATE INDEX archive_change_{column} ON archive_change ({column}) WHERE {column} IS NOT NULL")
    op.execute(
        "CREATE INDEX customer_merge_aside_other ON customer_merge_aside ((content ->> 'other_id'))"
        " WHERE place = 'archive_change'"
    )
    op.execute("ALTER TABLE person ADD COLUMN entered_at timestamptz")


def downgrade() -> None:
    op.drop_column("person", "entered_at")
    op.execute("DROP INDEX customer_merge_aside_other")
    op.execute("ALTER TABLE archive_change DROP COLUMN other_id, DROP COLUMN sealed_for")
