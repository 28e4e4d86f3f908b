"""Who is judged anew because of an import, or of a score that is said by hand: nobody is told of it as news.

Safe on a live table: a column with a value that is the same for every row; triggers keep their names.
"""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None
SERVES = "0013"

_MONTHS = {"purchase": "month", "payment": "NULL::integer"}
_FOUND = {
    "insert": "SELECT {columns} FROM changed",
    "update": "SELECT {columns} FROM changed UNION SELECT {columns} FROM former",
    "delete": "SELECT {columns} FROM changed",
}
_SILENT = "coalesce(current_setting('crm.historical', true), '') = 'on'"
_MONTH = "CASE WHEN count(month) = count(*) THEN max(month) END"


def _replace(table: str, event: str, columns: str, select: str, found: str) -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION {table}_worth_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO worth_mark ({columns}) SELECT {select} FROM ({found}) AS r GROUP BY customer_id;
            RETURN NULL;
        END $$
        """  # noqa: S608  names of our own tables
    )


def upgrade() -> None:
    op.execute("ALTER TABLE worth_mark ADD COLUMN historical boolean NOT NULL DEFAULT false")
    for event, found in _FOUND.items():
        for table, month in _MONTHS.items():
            rows = found.format(columns=f"customer_id, {month} AS month")
            _replace(table, event, "customer_id, month, historical", f"customer_id, {_MONTH}, {_SILENT}", rows)
        rows = found.format(columns="customer_id")
        _replace("contract", event, "customer_id, historical", f"customer_id, {_SILENT}", rows)
        _replace("segment_override", event, "customer_id, historical", "customer_id, true", rows)


def downgrade() -> None:
    for event, found in _FOUND.items():
        for table, month in _MONTHS.items():
            rows = found.format(columns=f"customer_id, {month} AS month")
            _replace(table, event, "customer_id, month", f"customer_id, {_MONTH}", rows)
        rows = found.format(columns="customer_id")
        for table in ("contract", "segment_override"):
            _replace(table, event, "customer_id", "customer_id", rows)
    op.drop_column("worth_mark", "historical")
