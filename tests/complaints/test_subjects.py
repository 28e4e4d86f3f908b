"""Subjects over HTTP."""

from tests.complaints.building import case, complaints
from tests.postgres import FreshDatabase


async def test_subjects_are_a_table(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record(subject="after-sales")
        names = {"name_en": "Packaging", "name_zh": "包装"}
        assert (await service.http.put("/complaints/v1/subjects/packaging", json=names)).status_code == 200
        await service.record(subject="packaging")
        retired = await service.http.put("/complaints/v1/subjects/promise", json={**names, "active": False})

        refused = await service.post("/complaints", case(subject="promise"))

        assert retired.json() == {"code": "promise", **names, "active": False}
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
