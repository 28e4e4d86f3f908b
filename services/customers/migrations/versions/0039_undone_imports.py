"""Imports of payments, contracts and people of stores, and what undoing an import as a whole needs to know.

Safe on a live table: of purchases and payments columns that are null or constant, which is no rewrite; jobs are few, so
their check is looked at in a moment. An older release cannot read jobs of the new kinds, nor say on a withdrawn invoice
that its number is free.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
SERVES = "0039"


def upgrade() -> None:
    op.execute("ALTER TABLE purchase ADD COLUMN import_id uuid")
    op.execute("ALTER TABLE payment ADD COLUMN undone boolean NOT NULL DEFAULT false")
    op.execute(
        """
        ALTER TABLE import_job
            ADD COLUMN undoable boolean NOT NULL DEFAULT false,
            ADD COLUMN undo_asked_at timestamptz,
            ADD COLUMN undo_asked_by uuid,
            ADD COLUMN undo_place uuid,
            ADD COLUMN undone_at timestamptz,
            ADD COLUMN rows_undone bigint NOT NULL DEFAULT 0,
            ADD COLUMN rows_left bigint NOT NULL DEFAULT 0,
            DROP CONSTRAINT import_job_kind,
            ADD CONSTRAINT import_job_kind CHECK (kind IN ('customers', 'purchases', 'payments', 'contracts', 'contacts'))
        """
    )
    op.execute(
        """
        CREATE INDEX import_job_undoing ON import_job (undo_asked_at)
            WHERE undo_asked_at IS NOT NULL AND undone_at IS NULL
        """
    )
    op.execute(
        """
        CREATE TABLE import_made (
            import_id uuid NOT NULL REFERENCES import_job (id),
            id uuid NOT NULL,
            version integer NOT NULL,
            created boolean NOT NULL,
            PRIMARY KEY (import_id, id)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE import_made")
    op.execute("DELETE FROM import_fault f USING import_job j WHERE j.id = f.import_id AND j.kind ~ '^(pay|con)'")
    op.execute("DELETE FROM import_chunk c USING import_job j WHERE j.id = c.import_id AND j.kind ~ '^(pay|con)'")
    op.execute("DELETE FROM import_job WHERE kind ~ '^(pay|con)'")
    op.execute("DROP INDEX import_job_undoing")
    op.execute(
        """
        ALTER TABLE import_job
            DROP COLUMN undoable, DROP COLUMN undo_asked_at, DROP COLUMN undo_asked_by, DROP COLUMN undo_place,
            DROP COLUMN undone_at, DROP COLUMN rows_undone, DROP COLUMN rows_left,
            DROP CONSTRAINT import_job_kind,
            ADD CONSTRAINT import_job_kind CHECK (kind IN ('customers', 'purchases'))
        """
    )
    op.execute("ALTER TABLE payment DROP COLUMN undone")
    op.execute("ALTER TABLE purchase DROP COLUMN import_id")
