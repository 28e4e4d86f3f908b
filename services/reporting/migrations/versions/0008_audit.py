"""The audit: who did or looked up what, in a table that takes inserts alone.

Safe on a live table: it is new. `refuse_change` stands since the parking's entries.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE audit_entry (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            made_by uuid NOT NULL,
            what text NOT NULL,
            subject uuid,
            digest bytea
        )
        """
    )
    op.execute("CREATE INDEX audit_entry_subject ON audit_entry (subject, id)")
    op.execute(
        """
        CREATE TRIGGER audit_entry_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE audit_entry")
