"""Key accounts with their scores, plans and risks; what was given to customers beyond the answers to their cases; and the
policies of scores and of relationships.

Safe on a live table: they are new.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None
SERVES = "0013"

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST = {
    "weights": {"volume": "0.3", "concentration": "0.2", "service": "0.15", "price": "0.15", "partnership": "0.2"},
    "volume": ["1000", "3000", "10000", "30000"],
    "concentration": ["0.2", "0.4", "0.6", "0.8"],
}
_RELATIONSHIPS = {
    "levels": {
        "many": {"low": "basic", "medium": "reactive", "high": "accountable"},
        "medium": {"low": "reactive", "medium": "accountable", "high": "proactive"},
        "few": {"low": "accountable", "medium": "proactive", "high": "partnership"},
    },
    "margin_from": ["300", "3000"],
    "customers_from": [50, 500],
    "hourly": "60",
}


def _policy(name: str) -> sa.TableClause:
    return sa.table(
        name,
        sa.column("version", sa.Integer),
        sa.column("id", sa.Uuid),
        sa.column("definition", JSONB),
        sa.column("set_at", sa.DateTime(timezone=True)),
    )


def _version(definition: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "id": sa.func.gen_random_uuid(), "definition": definition, "set_at": _LONG_AGO}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE key_account_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            definition jsonb NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid
        )
        """
    )
    op.execute(_policy("key_account_policy").insert().values(_version(_FIRST)))
    op.execute(
        """
        CREATE TABLE key_account (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            assignee_id uuid NOT NULL,
            words bytea,
            named_at timestamptz NOT NULL,
            named_by uuid NOT NULL,
            ended_at timestamptz,
            ended_by uuid,
            end_words bytea
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX key_account_standing ON key_account (customer_id) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX key_account_customer ON key_account (customer_id, id)")
    op.execute(
        """
        CREATE TABLE key_account_score (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            criteria jsonb NOT NULL,
            said text[] NOT NULL,
            score numeric(3, 2) NOT NULL,
            monthly numeric(16, 2) NOT NULL,
            brand_share numeric(5, 4),
            days integer NOT NULL,
            policy_version integer NOT NULL,
            scored_at timestamptz NOT NULL,
            scored_by uuid NOT NULL,
            words bytea
        )
        """
    )
    op.execute("CREATE INDEX key_account_score_customer ON key_account_score (customer_id, id)")
    op.execute(
        """
        CREATE TABLE account_plan_item (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            kind text NOT NULL,
            words bytea,
            amount numeric(16, 2),
            due_on date,
            assignee_id uuid,
            state text NOT NULL,
            closed_at timestamptz,
            entered_at timestamptz NOT NULL,
            entered_by uuid NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX account_plan_item_customer ON account_plan_item (customer_id, id)")
    op.execute(
        """
        CREATE TABLE account_plan_item_version (
            item_id uuid NOT NULL REFERENCES account_plan_item (id),
            version integer NOT NULL,
            amount numeric(16, 2),
            due_on date,
            assignee_id uuid,
            state text NOT NULL,
            at timestamptz NOT NULL,
            changed_by uuid NOT NULL,
            PRIMARY KEY (item_id, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE account_risk (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            kind text NOT NULL,
            likelihood integer NOT NULL,
            impact integer NOT NULL,
            words bytea,
            closed_at timestamptz,
            entered_at timestamptz NOT NULL,
            entered_by uuid NOT NULL,
            CONSTRAINT account_risk_grades CHECK (likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5)
        )
        """
    )
    op.execute("CREATE INDEX account_risk_customer ON account_risk (customer_id, id)")
    op.execute(
        """
        CREATE TABLE account_risk_version (
            risk_id uuid NOT NULL REFERENCES account_risk (id),
            version integer NOT NULL,
            likelihood integer NOT NULL,
            impact integer NOT NULL,
            closed_at timestamptz,
            at timestamptz NOT NULL,
            changed_by uuid NOT NULL,
            PRIMARY KEY (risk_id, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE relationship_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            definition jsonb NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid
        )
        """
    )
    op.execute(_policy("relationship_policy").insert().values(_version(_RELATIONSHIPS)))
    op.execute(
        """
        CREATE TABLE compensation_cost (
            compensation_id uuid PRIMARY KEY,
            customer_id uuid NOT NULL,
            complaint_id uuid NOT NULL,
            kind text NOT NULL,
            cost numeric(16, 2) NOT NULL,
            at timestamptz NOT NULL,
            withdrawn boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX compensation_cost_customer ON compensation_cost (customer_id, at)")
    op.execute("CREATE INDEX compensation_cost_case ON compensation_cost (complaint_id)")


def downgrade() -> None:
    op.drop_table("compensation_cost")
    op.drop_table("relationship_policy")
    op.drop_table("account_risk_version")
    op.drop_table("account_risk")
    op.drop_table("account_plan_item_version")
    op.drop_table("account_plan_item")
    op.drop_table("key_account_score")
    op.drop_table("key_account")
    op.drop_table("key_account_policy")
