"""What was put right of contracts, and what is owed after their end, as care tells it.

Safe on a live table: new ones, which older code does not know.
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE contract_correction (
            id uuid PRIMARY KEY,
            contract_id uuid NOT NULL REFERENCES contract (id),
            version integer NOT NULL,
            made_at timestamptz NOT NULL,
            made_by uuid NOT NULL,
            before jsonb NOT NULL,
            after jsonb NOT NULL,
            reason bytea
        )
        """
    )
    op.execute("CREATE INDEX contract_correction_of ON contract_correction (contract_id, id)")
    op.execute(
        """
        CREATE TABLE aftercare_task (
            task_id uuid PRIMARY KEY,
            contract_id uuid NOT NULL,
            errand text NOT NULL,
            role text NOT NULL,
            assignee_id uuid,
            not_before timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'open',
            settled_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX aftercare_task_of ON aftercare_task (contract_id, due_at)")


def downgrade() -> None:
    op.drop_table("aftercare_task")
    op.drop_table("contract_correction")
