"""Who sees which customer (architecture 5), the same in every service.

Roles of the whole house see every customer. Others see those whose account team they are in, and those of the people
whom they supervise or whose department they manage. What somebody does not see is answered as if it were not there.
"""

from typing import Final
from uuid import UUID

from shared.auth.principal import Principal
from shared.statement import with_parts

SEE_EVERY_CUSTOMER: Final = ("cs_specialist", "cs_manager", "admin_dept", "general_manager")
"""Customer service and administration, beside administrators."""
SEE_TURNOVER: Final = (
    "brand_manager",
    "sales_manager",
    "logistics_manager",
    "cs_manager",
    "general_manager",
    "admin_dept",
)
"""Managers and administration: what the whole company sells, per tier."""
SEE_MONEY_OF_COLLEAGUES: Final = ("cs_manager", "general_manager", "admin_dept")
"""Who confirms, supervises and follows penalties; all others see what they and their people pay."""


def viewer(caller: Principal) -> UUID | None:
    """Whose customers only are shown; None for those who see all."""
    return None if caller.has(*SEE_EVERY_CUSTOMER) else caller.id


def viewer_of_money(caller: Principal) -> UUID | None:
    """Whose penalties, costs and shares only are shown, with those of their people; None for those who see all."""
    return None if caller.has(*SEE_MONEY_OF_COLLEAGUES) else caller.id


def subordinates(
    viewer: str = ":viewer", *, staff: str = "directory_staff", departments: str = "directory_department"
) -> str:
    """SQL for the ids of those through whom `viewer` (a parameter) sees: themselves and their people."""
    return with_parts(
        """SELECT CAST({viewer} AS uuid)
        UNION ALL SELECT s.id FROM {staff} s WHERE s.supervisor_id = {viewer}
        UNION ALL SELECT s.id FROM {departments} d JOIN {staff} s ON s.department_id = d.id
                  WHERE d.manager_id = {viewer}""",
        viewer=viewer,
        staff=staff,
        departments=departments,
    )
