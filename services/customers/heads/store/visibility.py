"""Which customers somebody sees, as conditions of SQL in which `:viewer` is whoever looks; null sees all.

Beside those of their teams people see whom they have registered, until a first team is seated
(`shared.auth.visibility`).
"""

from typing import Any

from sqlalchemy import Uuid

from shared.auth import visibility
from shared.statement import condition, with_parts


def _people(viewer: str) -> str:
    return visibility.subordinates(viewer, staff="staff", departments="department")


_PEOPLE = _people(":viewer")


def sees(customer_id: str, viewer: str = ":viewer") -> str:
    """Whether the viewer sees that one customer, such as c.id."""
    return with_parts(
        """(CAST({viewer} AS uuid) IS NULL
        OR EXISTS (SELECT FROM account_team t WHERE t.customer_id = {customer_id} AND t.staff_id IN ({people}))
        OR EXISTS (SELECT FROM archive r JOIN customer n ON n.id = r.customer_id
                   WHERE r.customer_id = {customer_id} AND n.team_version IS NULL AND r.registered_by IN ({people})))
        """,
        customer_id=customer_id,
        viewer=viewer,
        people=_people(viewer),
    )


def visible(customer_id: str) -> Any:
    """The same within a clause."""
    return condition(sees(customer_id), viewer=Uuid)


def all_seen(customer_id: str) -> str:
    """The same where customers are listed: all whom the viewer sees are found first. The viewer is not null."""
    ids = with_parts(
        """SELECT t.customer_id FROM account_team t WHERE t.staff_id IN ({people})
        UNION ALL SELECT r.customer_id FROM archive r JOIN customer n ON n.id = r.customer_id
                  WHERE r.registered_by IN ({people}) AND n.team_version IS NULL""",
        people=_PEOPLE,
    )
    return with_parts("{customer_id} = ANY (ARRAY({ids}))", customer_id=customer_id, ids=ids)


def served(customer_id: str) -> str:
    """Whether `:served_by` is on the customer's team; all whom they serve are found first."""
    ids = "SELECT m.customer_id FROM account_team m WHERE m.staff_id = :served_by"
    return with_parts("{customer_id} = ANY (ARRAY({ids}))", customer_id=customer_id, ids=ids)


def among_visible(customer_id: str) -> Any:
    """The same within a clause."""
    return condition(all_seen(customer_id), viewer=Uuid)
