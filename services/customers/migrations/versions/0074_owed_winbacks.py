"""A warning says what the customer was worth; warnings and losses say whether a takeover brought them, and cases whether
they were judged not valid, or not meant in good faith.

Safe on a live table: columns with a constant default, or none. Older code writes the rows without them; what it has
warned of is given its tier by the next judgement of the customer, on the next day at the latest.
"""

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE early_warning ADD COLUMN tier text, ADD COLUMN yearly numeric(16, 2),"
        " ADD COLUMN historical boolean NOT NULL DEFAULT false"
    )
    op.execute("ALTER TABLE loss ADD COLUMN historical boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE customer_case ADD COLUMN unfounded boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE customer_case DROP COLUMN unfounded")
    op.execute("ALTER TABLE loss DROP COLUMN historical")
    op.execute("ALTER TABLE early_warning DROP COLUMN tier, DROP COLUMN yearly, DROP COLUMN historical")
