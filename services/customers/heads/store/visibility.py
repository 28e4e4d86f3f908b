"""Which customers somebody sees, as conditions of SQL. A viewer who is null sees all (`shared.auth.visibility`).

Beside those of their teams people see whom they have registered, until a first team is seated.
"""

from shared.auth import visibility


def sees(viewer: str, customer_id: str) -> str:
    """Whether the viewer (a parameter, such as $2) sees that one customer (such as c.id)."""
    people = _people_of(viewer)
    return f"""({viewer}::uuid IS NULL
        OR EXISTS (SELECT FROM account_team t WHERE t.customer_id = {customer_id} AND t.staff_id IN ({people}))
        OR EXISTS (SELECT FROM archive r JOIN customer n ON n.id = r.customer_id
                   WHERE r.customer_id = {customer_id} AND n.team_version IS NULL AND r.registered_by IN ({people})))
    """  # noqa: S608  names of ours


def seen_by(viewer: str) -> str:
    """The ids of all customers whom the viewer sees."""
    people = _people_of(viewer)
    return f"""
        SELECT t.customer_id FROM account_team t WHERE t.staff_id IN ({people})
        UNION ALL SELECT r.customer_id FROM archive r JOIN customer n ON n.id = r.customer_id
                  WHERE r.registered_by IN ({people}) AND n.team_version IS NULL"""  # noqa: S608  names of ours


def _people_of(viewer: str) -> str:
    return visibility.subordinates(viewer, staff="staff", departments="department")
