"""The first version of what complaints cost.

Safe on a live table: one row more of a table that releases before this one read by the names of policies they know.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
        ('cost', 1, '01900000-0000-7000-8000-0000000000e7', '{
            "one_in": "6", "tells": "8", "delighted_tells": "10", "deal_again": "0.70", "become_loyal": "0.54",
            "not_return": "0.90", "usd": "142.00", "rate": "7.10", "margin": "0.30", "curve": [
                {"within_hours": 4, "returns": "0.54"}, {"within_hours": 24, "returns": "0.43"},
                {"within_hours": 72, "returns": "0.32"}, {"within_hours": 168, "returns": "0.21"},
                {"within_hours": null, "returns": "0.10"}
            ]
        }', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM case_policy WHERE policy = 'cost'")
