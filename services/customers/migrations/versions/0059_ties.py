"""What ties customers; whoever is tied otherwise than before is to be judged anew.

Safe on a live table: the one is new. The triggers are made at once, and add a row per customer and statement.
"""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None
SERVES = "0013"

_MARKED = ("tie", "contract", "rebate")


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE tie (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            kind text NOT NULL,
            ends_on date,
            benefit numeric(16,2),
            words bytea,
            entered_at timestamptz NOT NULL,
            entered_by uuid NOT NULL,
            ended_at timestamptz,
            CONSTRAINT tie_known_kind CHECK (kind IN ('economic', 'technical', 'contractual'))
        )
        """
    )
    op.execute("CREATE INDEX tie_customer ON tie (customer_id, id)")
    op.execute("CREATE INDEX tie_end ON tie (ends_on) WHERE ended_at IS NULL AND ends_on IS NOT NULL")
    for table in _MARKED:
        _mark(table)


def _mark(table: str) -> None:
    """One function for each event: a transition table is named where the trigger is."""
    rows = {
        "INSERT": ("NEW TABLE AS changed", "SELECT customer_id FROM changed"),
        "UPDATE": (
            "NEW TABLE AS changed OLD TABLE AS former",
            "SELECT customer_id FROM changed UNION SELECT customer_id FROM former",
        ),
        "DELETE": ("OLD TABLE AS changed", "SELECT customer_id FROM changed"),
    }
    for event, (tables, found) in rows.items():
        name = f"{table}_worth_{event.lower()}"
        op.execute(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO worth_mark (customer_id) SELECT DISTINCT customer_id FROM ({found}) AS r;
                RETURN NULL;
            END $$
            """  # noqa: S608  names of our own tables
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    for table in _MARKED:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_worth_{event} ON {table}")
            op.execute(f"DROP FUNCTION {table}_worth_{event}()")
    op.drop_table("tie")
