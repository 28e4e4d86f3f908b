"""Campaigns, shelves, the end of contracts as it is told, and corrections of credit limits and owners.

Safe on a live table: new tables, columns with a default or nullable, which rewrite nothing, and an index over contracts,
of which there are thousands. Older code writes limits as before: their version stays, and a limit that was removed reads
as none.
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE campaign (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            name text NOT NULL,
            reason bytea NOT NULL,
            started_at timestamptz NOT NULL,
            started_by uuid NOT NULL,
            closed_at timestamptz,
            closed_by uuid
        )
        """
    )
    op.execute(
        """
        CREATE TABLE campaign_contract (
            campaign_id uuid NOT NULL REFERENCES campaign (id),
            contract_id uuid NOT NULL REFERENCES contract (id),
            added_at timestamptz NOT NULL,
            added_by uuid NOT NULL,
            PRIMARY KEY (campaign_id, contract_id)
        )
        """
    )
    op.execute("CREATE INDEX campaign_contract_of ON campaign_contract (contract_id)")
    op.execute(
        """
        CREATE TABLE shelf_share (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            brand_id uuid REFERENCES brand (id),
            competitor text,
            share numeric(5, 4) NOT NULL,
            seen_on date NOT NULL,
            seen_by uuid NOT NULL,
            entered_at timestamptz NOT NULL,
            CONSTRAINT shelf_share_part CHECK (share >= 0 AND share <= 1),
            CONSTRAINT shelf_share_of_one CHECK ((brand_id IS NULL) <> (competitor IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX shelf_share_of ON shelf_share (customer_id, seen_on, id)")
    op.execute("ALTER TABLE contract ADD COLUMN told_end date")
    op.execute(
        "CREATE INDEX contract_end ON contract (ends_on, id) "
        "WHERE withdrawn_at IS NULL AND told_end IS DISTINCT FROM ends_on"
    )
    op.execute("ALTER TABLE ownership ADD COLUMN version integer NOT NULL DEFAULT 1")
    op.execute(
        "ALTER TABLE credit_limit ADD COLUMN version integer NOT NULL DEFAULT 1, ALTER COLUMN amount DROP NOT NULL"
    )


def downgrade() -> None:
    op.execute("DELETE FROM credit_limit WHERE amount IS NULL")
    op.execute("ALTER TABLE credit_limit DROP COLUMN version, ALTER COLUMN amount SET NOT NULL")
    op.execute("ALTER TABLE ownership DROP COLUMN version")
    op.execute("DROP INDEX contract_end")
    op.execute("ALTER TABLE contract DROP COLUMN told_end")
    op.drop_table("shelf_share")
    op.drop_table("campaign_contract")
    op.drop_table("campaign")
