"""Text is text, as everywhere else: no table is rewritten.

Indexes with a condition are built anew by one read each, wherever a column of theirs is concerned. The figures by which
plans are made are lost with a column's old type, so they are gathered again at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = {
    "account": ("kind", "tier"),
    "task": ("kind", "role", "contact", "state", "reason"),
    "complaint_case": ("number",),
    "consent": ("channel", "purpose", "source"),
    "consent_history": ("channel", "purpose", "source"),
    "message": (
        "occasion",
        "occasion_key",
        "template",
        "purpose",
        "state",
        "reason",
        "channel",
        "address",
        "provider",
        "reference",
    ),
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
