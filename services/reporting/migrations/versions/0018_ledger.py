"""The ledger: bookings as complaints tells of them, and closed months.

Safe on a live table: both are new, and nothing of an older release reads them.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ledger_entry (
            id uuid PRIMARY KEY,
            kind text NOT NULL,
            account text NOT NULL,
            fund_department_id uuid,
            person_id uuid,
            department_id uuid,
            supervisor_id uuid,
            amount numeric(16, 2) NOT NULL,
            month integer NOT NULL,
            booked_at timestamptz NOT NULL,
            basis_kind text NOT NULL,
            basis_id uuid NOT NULL,
            rule text,
            complaint_id uuid,
            task_id uuid,
            reverses uuid
        )
        """
    )
    op.execute("CREATE INDEX ledger_entry_month ON ledger_entry (month, id)")
    op.execute("CREATE INDEX ledger_entry_person ON ledger_entry (person_id, month)")
    op.execute(
        """
        CREATE TABLE ledger_month (
            month integer PRIMARY KEY,
            closed_at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE ledger_month")
    op.execute("DROP TABLE ledger_entry")
