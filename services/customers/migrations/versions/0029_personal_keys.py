"""Keys of persons, each wrapped by a master key (architecture 5).

Safe on a live table: the table is new. An older release does not know that a person's part is sealed under the person's
own key, so it does not serve: what is registered from here on it could not open.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
SERVES = "0029"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE personal_key (subject_id uuid PRIMARY KEY, sealed_by text NOT NULL, wrapped bytea NOT NULL)"
    )


def downgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM personal_key) THEN
                RAISE EXCEPTION 'persons are sealed under these keys: without them nobody can read them';
            END IF;
        END $$
        """
    )
    op.execute("DROP TABLE personal_key")
