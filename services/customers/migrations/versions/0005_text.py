"""Text instead of varchar.

Only the catalogue is written, but for the archive: to PostgreSQL an array of varchar and one of text are never the same,
so `words` has its table and indexes written anew (under four seconds for 100,000 customers, who wait meanwhile).
The figures by which plans are made are lost with a column's old type, so they are gathered again at once.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = {
    "brand": ("name", "grade"),
    "region": ("name",),
    "department": ("name",),
    "staff": ("name", "role", "channel", "address", "language"),
    "customer": ("tier",),
    "archive": ("kind", "name", "folded", "external_no", "stage", "language", "time_zone", "words"),
    "account_team": ("role",),
    "purchase": ("grade", "external_no"),
    "month_total": ("grade",),
    "tier_change": ("from_tier", "to_tier", "cause"),
    "tier_override": ("tier", "reason"),
    "import_job": ("kind", "state", "at_customer", "trouble", "trouble_detail"),
    "import_row": ("customer_no", "external_no"),
    "import_fault": ("field", "trouble"),
}


ARRAYS = ("words",)


def _alter(kind: str) -> None:
    for table, columns in COLUMNS.items():
        kinds = {column: f"{kind}[]" if column in ARRAYS else kind for column in columns}
        changes = ", ".join(f"ALTER COLUMN {column} TYPE {kinds[column]}" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")
        op.execute(f"ANALYZE {table} ({', '.join(columns)})")


def upgrade() -> None:
    _alter("text")


def downgrade() -> None:
    _alter("varchar")
