"""Text is text, as everywhere else: no table is rewritten.

The index of open cases has a condition on the state, so it is built anew by one read of the cases. The figures by which
plans are made are lost with a column's old type, so they are gathered again at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = {
    "customer": ("kind", "external_no", "tier"),
    "timeline": ("type",),
    "complaint": ("number", "kind", "subject", "against_type", "channel", "tier", "state"),
    "complaint_round": ("month",),
    "closed_month": ("month",),
    "touch": ("kind", "role", "contact", "state", "month"),
    "live_event": ("type",),
}


def upgrade() -> None:
    _turn_into("text")


def downgrade() -> None:
    _turn_into("varchar")


def _turn_into(type_: str) -> None:
    for table, columns in COLUMNS.items():
        op.execute(f"ALTER TABLE {table} " + ", ".join(f"ALTER COLUMN {column} TYPE {type_}" for column in columns))
        if op.get_bind().scalar(
            sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)
        ):  # empty: better unknown
            op.execute(f"ANALYZE {table} ({', '.join(columns)})")
