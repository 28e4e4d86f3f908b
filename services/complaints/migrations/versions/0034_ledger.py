"""The ledger: bookings that nobody changes, the one row that says how far it is closed, and its closed months.

Safe on a live table: only new ones. `refuse_change` stands since the parking's entries.
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
SERVES = "0009"

CREATE = (
    """
    CREATE TABLE booking (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        account text NOT NULL,
        department_id uuid,
        person_id uuid,
        person_department_id uuid,
        supervisor_id uuid,
        amount numeric(16, 2) NOT NULL,
        month integer NOT NULL,
        booked_at timestamptz NOT NULL,
        basis_type text NOT NULL,
        basis_id uuid NOT NULL,
        reverses uuid REFERENCES booking (id),
        CONSTRAINT booking_moves_money CHECK (amount <> 0),
        CONSTRAINT booking_fund CHECK ((account = 'department') = (department_id IS NOT NULL))
    )
    """,
    "CREATE INDEX booking_month ON booking (month, id)",
    "CREATE INDEX booking_person ON booking (person_id, month, id)",
    "CREATE INDEX booking_basis ON booking (basis_id, id)",
    "CREATE INDEX booking_fund_month ON booking (department_id, month) WHERE department_id IS NOT NULL",
    "CREATE UNIQUE INDEX booking_reversed_once ON booking (reverses) WHERE reverses IS NOT NULL",
    """
    CREATE TRIGGER booking_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON booking
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TABLE ledger (
        one boolean PRIMARY KEY,
        closed_through integer,
        version integer NOT NULL,
        CONSTRAINT ledger_one CHECK (one)
    )
    """,
    "INSERT INTO ledger (one, version) VALUES (true, 0)",
    """
    CREATE TABLE ledger_month (
        month integer PRIMARY KEY,
        closed_at timestamptz NOT NULL,
        closed_by uuid NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    for name in ("ledger_month", "ledger", "booking"):
        op.execute(f"DROP TABLE {name}")
