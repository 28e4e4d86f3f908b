"""Proposals to change consents; the sources of choices are sealed.

A new table, a nullable column and two defaults: nothing is rewritten. A migration has no key to seal with, so that the
worker seals what stands in plain text, batch by batch, and new choices are written sealed. Code of the revision before
goes on writing plain text, which the worker finds within the hour, and reads an empty source where one is sealed. Going
back forgets the sealed sources and the proposals.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
SERVES = "0010"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE consent_proposal (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL,
            wanted jsonb NOT NULL,
            source bytea NOT NULL,
            proposed_at timestamptz NOT NULL,
            proposed_by uuid NOT NULL,
            state text NOT NULL,
            decided_at timestamptz,
            decided_by uuid,
            reason bytea
        )
        """
    )
    op.execute("CREATE INDEX consent_proposal_of_customer ON consent_proposal (customer_id, id)")
    op.execute("CREATE INDEX consent_proposal_by ON consent_proposal (proposed_by, id)")
    op.execute("ALTER TABLE consent ALTER COLUMN source SET DEFAULT ''")
    op.execute("ALTER TABLE consent_history ALTER COLUMN source SET DEFAULT ''")
    op.execute("ALTER TABLE consent_history ADD COLUMN sealed_source bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE consent_history DROP COLUMN sealed_source")
    op.execute("ALTER TABLE consent_history ALTER COLUMN source DROP DEFAULT")
    op.execute("ALTER TABLE consent ALTER COLUMN source DROP DEFAULT")
    op.execute("DROP TABLE consent_proposal")
