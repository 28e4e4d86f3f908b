"""What a purchase or a return says of each product and batch.

Safe on a live table: a new one. Older code goes on to record entries without lines.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE purchase_line (
            entry_id uuid NOT NULL REFERENCES purchase (id),
            line_no smallint NOT NULL,
            product text NOT NULL,
            batch text,
            quantity integer NOT NULL,
            amount numeric(12, 2),
            cost numeric(12, 2),
            PRIMARY KEY (entry_id, line_no),
            CONSTRAINT purchase_line_some CHECK (quantity > 0)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE purchase_line")
