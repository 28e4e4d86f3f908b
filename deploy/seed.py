"""The staff that a new all-in-one installation begins with: one person per role, so that tokens name somebody real.

Made through the public API with idempotency keys, so an interrupted first start is finished by the next.
"""

import json
from pathlib import Path
from uuid import UUID

import httpx

from deploy.keys import write_private
from deploy.refusals import Damaged
from shared.auth.principal import ADMIN, PARTNER
from shared.auth.tokens import EmbeddedIssuer

ADMIN_ID = UUID("01900000-0000-7000-8000-000000000001")
PARTNER_ID = UUID("01900000-0000-7000-8000-000000000002")

DEPARTMENTS = {"service": "客户服务部", "brand": "品牌部", "administration": "行政部"}
STAFF = (
    # role, work name, department, the supervisor's role
    ("general_manager", "总经理 周岚", "administration", None),
    ("admin_dept", "行政 何静", "administration", "general_manager"),
    ("cs_manager", "客服经理 陈明", "service", "general_manager"),
    ("cs_specialist", "客服专员 林悦", "service", "cs_manager"),
    ("sales_manager", "业务经理 王磊", "brand", "general_manager"),
    ("brand_manager", "品牌经理 赵琪", "brand", "sales_manager"),
    ("salesperson", "业务员 孙浩", "brand", "sales_manager"),
    ("beauty_mentor", "美容导师 吴莉", "brand", "brand_manager"),
    ("logistics_manager", "物流经理 郑涛", "brand", "general_manager"),
)


async def seed_staff(http: httpx.AsyncClient, file: Path) -> dict[str, UUID]:
    """Role -> staff id, from `file` or made now through `http` (which calls as an administrator)."""
    if kept := kept_staff(file):
        return kept
    departments = {code: await _create(http, "departments", code, {"name": DEPARTMENTS[code]}) for code in DEPARTMENTS}
    staff: dict[str, UUID] = {}
    for role, name, department, supervisor in STAFF:
        body: dict[str, object] = {
            "name": name,
            "role": role,
            "department_id": str(departments[department]),
            "supervisor_id": str(staff[supervisor]) if supervisor else None,
            "channel": "email",
            "address": f"{role.replace('_', '.')}@example.com",
        }
        staff[role] = await _create(http, "staff", role, body)
    for code, manager in (("service", "cs_manager"), ("brand", "sales_manager"), ("administration", "admin_dept")):
        await _set_manager(http, departments[code], staff[manager])
    write_private(file, json.dumps({role: str(staff_id) for role, staff_id in staff.items()}))
    return staff


def kept_staff(file: Path) -> dict[str, UUID]:
    """Role -> staff id as an earlier start wrote it down; empty before the first. Raises Damaged."""
    if not file.exists():
        return {}
    try:
        return {role: UUID(staff_id) for role, staff_id in json.loads(file.read_text()).items()}
    except (ValueError, AttributeError, TypeError) as fault:
        raise Damaged(f"{file} is damaged: restore it, or remove it to have the first staff made anew") from fault


async def _create(http: httpx.AsyncClient, kind: str, code: str, body: dict[str, object]) -> UUID:
    answer = await http.post(f"/customers/v1/{kind}", json=body, headers={"Idempotency-Key": f"seed-{kind}-{code}"})
    answer.raise_for_status()
    return UUID(answer.json()["id"])


async def _set_manager(http: httpx.AsyncClient, department: UUID, manager: UUID) -> None:
    answer = await http.patch(
        f"/customers/v1/departments/{department}", json={"manager_id": str(manager)}, headers={"If-Match": "*"}
    )
    answer.raise_for_status()


def ready_tokens(issuer: EmbeddedIssuer, staff: dict[str, UUID]) -> dict[str, str]:
    """A token per role that lasts 30 days."""
    subjects = {ADMIN: ADMIN_ID, PARTNER: PARTNER_ID, **staff}
    return {role: issuer.issue(subject, [role]) for role, subject in subjects.items()}
