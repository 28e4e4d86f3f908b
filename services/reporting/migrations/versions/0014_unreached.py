"""Cases whose chain of escalation reached nobody: the live board shows the alarm.

Safe on a live table: a column with a constant default is a word in the catalogue. Alarms of before, and those of which older
code is told, do not show.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("complaint", sa.Column("unreached", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("complaint", "unreached")
