"""The company profile: what letters and pages say about the company.

Safe on a live database: a new table, which older code does not know. There is no profile until somebody sets one.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE company_profile (
            id smallint PRIMARY KEY,
            version integer NOT NULL,
            names jsonb NOT NULL,
            addresses jsonb NOT NULL,
            line text NOT NULL,
            languages text[] NOT NULL,
            signatories jsonb NOT NULL,
            CONSTRAINT company_profile_one CHECK (id = 1)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE company_profile")
