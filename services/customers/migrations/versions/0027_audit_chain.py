"""The audit's chain: links that name each entry's place and hash, and what waits for its link (architecture 5).

Safe on a live table: the tables are new, and the trigger stands in a moment. Entries of before wait for their links as
well; while their numbers are copied (a million take some two seconds) new entries wait, nothing else does.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE audit_link (
            position bigint PRIMARY KEY,
            entry_id bigint NOT NULL UNIQUE,
            hash bytea NOT NULL,
            made_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )
    op.execute("CREATE TABLE audit_waiting (entry_id bigint PRIMARY KEY)")
    op.execute(
        """
        CREATE TRIGGER audit_link_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )
    op.execute(
        """
        CREATE FUNCTION audit_entry_waits() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO audit_waiting (entry_id) SELECT id FROM entered; RETURN NULL; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_entry_waits AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS entered
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_waits()
        """
    )
    op.execute("INSERT INTO audit_waiting (entry_id) SELECT id FROM audit_entry")


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entry_waits ON audit_entry")
    op.execute("DROP FUNCTION audit_entry_waits")
    op.execute("DROP TABLE audit_waiting")
    op.execute("DROP TABLE audit_link")
