"""Customers' numbers as they are compared from now on: half width, visible (decision 30a).

One pass over the numbers that are not plain ASCII, a few of many; a number whose folded form another customer has
stays as it is, and is found by its old spelling through the customer's id only.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        r"""
        WITH folded AS (
            SELECT customer_id, external_no,
                   btrim(regexp_replace(normalize(regexp_replace(external_no,
                       '[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]', '', 'g'), NFKC),
                                        '\s+', ' ', 'g')) AS better
            FROM archive WHERE external_no ~ '[^\x20-\x7e]'
        ), first AS (
            SELECT DISTINCT ON (better) customer_id, better FROM folded WHERE better <> '' ORDER BY better, customer_id
        )
        UPDATE archive AS a SET external_no = f.better FROM first f
        WHERE a.customer_id = f.customer_id AND a.external_no <> f.better
          AND NOT EXISTS (SELECT FROM archive other WHERE other.external_no = f.better)
        """
    )


def downgrade() -> None:
    """Nothing: the numbers of before are not kept."""
