"""Levels for every clock: how far a clock has warned, when its next level comes, who has heard, and, of answers too, the
moment of each level.

Safe on a live table: columns with a constant default or none, so nothing is rewritten. Clocks of before have told
nobody of more than their miss, and have no level ahead.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE case_clock
            ADD COLUMN warned smallint NOT NULL DEFAULT 0,
            ADD COLUMN next_level_seconds integer,
            ADD COLUMN told json
        """
    )
    op.execute('ALTER TABLE breach ADD COLUMN "at" timestamptz')


def downgrade() -> None:
    op.execute('ALTER TABLE breach DROP COLUMN "at"')
    op.execute("ALTER TABLE case_clock DROP COLUMN told, DROP COLUMN next_level_seconds, DROP COLUMN warned")
