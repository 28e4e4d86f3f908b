"""Subjects over HTTP."""

import httpx

from tests.complaints.building import case, complaints
from tests.postgres import FreshDatabase


async def test_subjects_are_a_table(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record(subject="after-sales")
        names = {"name_en": "Packaging", "name_zh": "包装"}
        assert (await service.http.put("/complaints/v1/subjects/packaging", json=names)).status_code == 200
        await service.record(subject="packaging")

        async def retire(**headers: str) -> httpx.Response:
            body = {**names, "active": False}
            return await service.http.put("/complaints/v1/subjects/promise", json=body, headers=headers)

        assert (await retire()).status_code == 428
        assert (await retire(**{"If-Match": '"7"'})).status_code == 412
        read = {subject["code"]: subject["version"] for subject in (await service.get("/subjects")).json()["items"]}
        retired = await retire(**{"If-Match": f'"{read["promise"]}"'})

        refused = await service.post("/complaints", case(subject="promise"))

        version = retired.json()["version"]
        assert retired.json() == {"code": "promise", **names, "active": False, "version": version}
        assert retired.headers["etag"] == f'"{version}"'
        assert refused.json()["slug"] == "unknown-subject"
        listed = (await service.get("/subjects")).json()["items"]
        assert [subject["code"] for subject in listed if subject["active"]] == [
            "advertising",
            "after_sales",
            "attitude",
            "delivery",
            "other",
            "packaging",
            "product",
            "service",
        ]
        assert (await service.http.put("/complaints/v1/subjects/Bad", json=names)).status_code == 422
