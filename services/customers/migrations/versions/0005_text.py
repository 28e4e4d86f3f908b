"""Text instead of varchar; only the catalogue is written.

An array of varchar stays one (`archive.words`): turning it into text[] would write the whole table and its indexes anew.
The figures by which plans are made are lost with a column's old type, so they are gathered again at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = {
    "archive": ("kind", "name", "folded", "external_no", "stage", "language", "time_zone"),
    "brand": ("name", "grade"),
    "region": ("name",),
    "department": ("name",),
    "staff": ("name", "role", "channel", "address", "language"),
    "customer": ("tier",),
    "account_team": ("role",),
    "purchase": ("grade", "external_no"),
    "month_total": ("grade",),
    "tier_change": ("from_tier", "to_tier", "cause"),
    "tier_override": ("tier", "reason"),
    "import_job": ("kind", "state", "at_customer", "trouble", "trouble_detail"),
    "import_row": ("customer_no", "external_no"),
    "import_fault": ("field", "trouble"),
}


def _alter(kind: str) -> None:
    for table, columns in COLUMNS.items():
        changes = ", ".join(f"ALTER COLUMN {column} TYPE {kind}" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")
        if op.get_bind().scalar(
            sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)
        ):  # empty: better unknown
            op.execute(f"ANALYZE {table} ({', '.join(columns)})")


def upgrade() -> None:
    _alter("text")


def downgrade() -> None:
    _alter("varchar")
