"""Early warnings, and what happened to customers that makes them leave.

Safe on a live table: they are new.
"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None
SERVES = "0013"

_ROWS = {
    "insert": ("INSERT", "NEW TABLE AS changed", "SELECT customer_id FROM changed"),
    "update": (
        "UPDATE",
        "NEW TABLE AS changed OLD TABLE AS former",
        "SELECT customer_id FROM changed UNION SELECT customer_id FROM former",
    ),
    "delete": ("DELETE", "OLD TABLE AS changed", "SELECT customer_id FROM changed"),
}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE churn_signal (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL,
            code text NOT NULL,
            ref uuid NOT NULL,
            round smallint NOT NULL,
            at timestamptz NOT NULL,
            share numeric(6,2),
            CONSTRAINT churn_signal_once UNIQUE (code, ref, round)
        )
        """
    )
    op.execute("CREATE INDEX churn_signal_of ON churn_signal (customer_id, at)")
    op.execute(
        """
        CREATE TABLE early_warning (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            raised_on date NOT NULL,
            raised_at timestamptz NOT NULL,
            reasons jsonb NOT NULL,
            ended_at timestamptz,
            ended_by text
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX early_warning_open ON early_warning (customer_id) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX early_warning_of ON early_warning (customer_id, id)")
    for name, (event, tables, rows) in _ROWS.items():
        op.execute(
            f"""
            CREATE FUNCTION churn_signal_worth_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO worth_mark (customer_id) SELECT DISTINCT customer_id FROM ({rows}) AS r;
                RETURN NULL;
            END $$
            """  # noqa: S608  names of our own tables
        )
        op.execute(
            f"CREATE TRIGGER churn_signal_worth_{name} AFTER {event} ON churn_signal REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION churn_signal_worth_{name}()"
        )


def downgrade() -> None:
    op.drop_table("early_warning")
    op.drop_table("churn_signal")
    for name in _ROWS:
        op.execute(f"DROP FUNCTION churn_signal_worth_{name}()")
