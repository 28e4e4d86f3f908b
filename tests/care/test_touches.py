"""Tasks as people read them."""

from typing import Any
from uuid import UUID

import pytest

from shared.contracts.customers import DepartmentListed
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, MENTOR, OTHER_SELLER, SELLER, Care, staff
from tests.support import bearer


async def test_who_sees_and_does_a_task(care: Care) -> None:
    customer = await care.customer("C")
    visit = await care.open_task(customer, "salesperson", "visit")
    path = f"/care/v1/tasks/{visit['id']}"

    async def sees(role: str, who: UUID) -> tuple[int, int]:
        one = await care.http.get(path, headers=bearer(role, who))
        listed = await care.http.get("/care/v1/tasks", params={"limit": 500}, headers=bearer(role, who))
        return one.status_code, sum(item["id"] == visit["id"] for item in listed.json()["items"])

    assert await sees("salesperson", SELLER) == (200, 1)
    assert await sees("sales_manager", BOSS) == (200, 1)
    assert await sees("cs_manager", CS_MANAGER) == (200, 1)
    assert await sees("beauty_mentor", MENTOR) == (404, 0)
    assert (await care.finish(visit["id"], role="beauty_mentor", subject=MENTOR)).status_code == 404
    assert (await care.finish(visit["id"], role="sales_manager", subject=BOSS)).status_code == 200


async def test_a_department_manager_sees_the_departments_tasks(care: Care) -> None:
    department, manager = new_id(), new_id()
    await care.given(
        DepartmentListed(department_id=department, name="销售部", manager_id=manager),
        staff(OTHER_SELLER, "salesperson", department_id=department),
    )
    theirs = await care.open_task(await care.customer(team={"salesperson": OTHER_SELLER}), "salesperson", "visit")
    foreign = await care.open_task(await care.customer(), "salesperson", "visit")
    me = bearer("brand_manager", manager)

    listed = await care.http.get("/care/v1/tasks", headers=me)

    assert {item["assignee_id"] for item in listed.json()["items"]} == {str(OTHER_SELLER)}
    assert (await care.http.get(f"/care/v1/tasks/{theirs['id']}", headers=me)).status_code == 200
    assert (await care.http.get(f"/care/v1/tasks/{foreign['id']}", headers=me)).status_code == 404


async def test_partners_and_strangers_see_no_tasks(care: Care) -> None:
    assert (await care.http.get("/care/v1/tasks", headers=bearer("partner"))).status_code == 403
    assert (await care.http.get("/care/v1/tasks", headers={"Authorization": ""})).status_code == 401
    assert (await care.http.get(f"/care/v1/tasks/{new_id()}")).status_code == 404
    assert (await care.finish(str(new_id()))).status_code == 404


async def test_tasks_are_listed_by_due_moment_page_by_page(care: Care) -> None:
    customer = await care.customer("A")
    everything = await care.tasks(customer)
    params: dict[str, Any] = {"customer_id": str(customer), "limit": 4}
    found: list[dict[str, Any]] = []
    while True:
        page = (await care.http.get("/care/v1/tasks", params=params)).json()
        found += page["items"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]

    assert found == everything
    assert [task["due_at"] for task in found] == sorted(task["due_at"] for task in found)


@pytest.mark.parametrize(
    "params, status",
    [
        ({"state": "lost"}, 422),
        ({"kind": "walk"}, 422),
        ({"customer_id": "x"}, 422),
        ({"limit": "501"}, 422),
        ({"cursor": "forged"}, 400),
    ],
    ids=str,
)
async def test_a_question_that_makes_no_sense_is_refused(care: Care, params: dict[str, str], status: int) -> None:
    assert (await care.http.get("/care/v1/tasks", params=params)).status_code == status


async def test_filters_narrow(care: Care) -> None:
    customer = await care.customer("A")
    await care.customer("A")

    mine = await care.tasks(customer, assignee_id=MENTOR, kind="obligation", state="open")

    assert {(task["role"], task["customer_id"]) for task in mine} == {("beauty_mentor", str(customer))}
