"""Customers who have had a team stay served, and tasks say who gave them to their person by hand.

Columns whose default is not stored rewrite nothing. Only customers whose team is empty and who were served before are
written: the planning loop looks at them again, because what was owed to them was dropped. Code of the revision before
goes on writing beside this: a team counts by itself.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE account ADD COLUMN served boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE task ADD COLUMN assigned_by uuid")
    op.execute(
        "UPDATE account SET served = true, matrix_version = 0 WHERE team = '{}' AND EXISTS"
        " (SELECT FROM task WHERE task.customer_id = account.id AND task.kind = 'obligation')"
    )
    _index_of_matrix("served OR team <> '{}'")


def downgrade() -> None:
    _index_of_matrix("team <> '{}'")
    op.execute("ALTER TABLE task DROP COLUMN assigned_by")
    op.execute("ALTER TABLE account DROP COLUMN served")


def _index_of_matrix(served: str) -> None:
    op.execute("DROP INDEX account_matrix")
    op.execute(f"CREATE INDEX account_matrix ON account (matrix_version) WHERE {served}")
