"""Whose group robot a colleague's webhook is, and the sealed secret that signs messages to it.

Safe on a live table: columns without a default are words in the catalogue. Older code leaves them alone; an address that it
changes keeps the robot of the one before until somebody says otherwise.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column("staff", sa.Column("robot", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("secret", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "secret")
    op.drop_column("staff", "robot")
