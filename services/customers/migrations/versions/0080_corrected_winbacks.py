"""Win-back cases that say because of which loss they were opened, and outcomes of them that were put right: what was said
before, by whom it was put right, when and why.

Safe on a live table: nullable columns, which rewrite nothing; what was opened while a loss stood, and has not ended, says
so by a look at the open cases. Older code opens cases that say no loss: of these nothing is dropped by itself. Going back
keeps the outcomes that hold.
"""

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE winback ADD COLUMN loss_id uuid, ADD COLUMN corrected_from text, "
        "ADD COLUMN corrected_at timestamptz, ADD COLUMN corrected_by uuid, ADD COLUMN correction_words bytea"
    )
    op.execute(
        """
        UPDATE winback w SET loss_id = l.id FROM loss l
        WHERE w.outcome IS NULL AND l.customer_id = w.customer_id AND l.found_at <= w.opened_at
            AND l.returned_on IS NULL AND l.withdrawn_at IS NULL
        """
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE winback DROP COLUMN loss_id, DROP COLUMN corrected_from, "
        "DROP COLUMN corrected_at, DROP COLUMN corrected_by, DROP COLUMN correction_words"
    )
