"""Who complains much, and again and again."""

from datetime import timedelta
from uuid import UUID

from shared.contracts.customers import ContactListed, StoreListed
from tests.complaints.building import SALESPERSON, as_role, complaints
from tests.postgres import FreshDatabase

LI = {"type": "person", "id": str(SALESPERSON)}


async def test_who_complains_most_is_listed_first_with_what_came_of_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        heavy, recurring, quiet, asks = [await service.customer() for _ in range(4)]
        ids = [(await service.record(heavy, subject="attitude", against=LI))["id"] for _ in range(4)]
        await service.hear_own()
        for id_, good_faith in ((ids[0], True), (ids[1], False)):
            body = {"valid": False, "good_faith": good_faith, "reasons": "found so"}
            assert (await service.post(f"/complaints/{id_}/judgement", body)).status_code == 200
        await service.hear_own()
        for _ in range(3):
            await service.record(recurring)
            service.clock.forward(timedelta(days=20))
        await service.record(quiet)
        for _ in range(5):
            await service.record(asks, kind="enquiry")
            await service.record(asks, kind="internal")

        await service.given(
            StoreListed(customer_id=heavy, name="丽人美容院", external_no="S-17"),
            ContactListed(customer_id=recurring, kind="person", name="张女士"),
        )

        answer = await service.get("/complainers")

        [first, second] = answer.json()["items"]
        assert first == {
            "customer_id": str(heavy), "customer_name": "丽人美容院", "cases": 4, "months": 1, "parties": 1,
            "repeats": 1, "not_valid": 2, "malicious": 1, "recurring": False, "last_at": first["last_at"],
        }  # fmt: skip
        assert (second["customer_id"], second["cases"], second["recurring"]) == (str(recurring), 3, True)
        assert (second["months"], second["customer_name"]) == (2, "张女士")

        async def listed(**asked: int) -> list[UUID]:
            return [UUID(each["customer_id"]) for each in (await service.get("/complainers", **asked)).json()["items"]]

        assert await listed(at_least=1) == [heavy, recurring, quiet]
        assert await listed(days=30, at_least=1) == sorted([recurring, quiet])
        page = (await service.get("/complainers", limit=1)).json()
        following = (await service.get("/complainers", limit=1, cursor=page["next"])).json()
        assert [UUID(each["customer_id"]) for each in following["items"]] == [recurring]
        assert following["next"] is None
        for wrong in ({"days": 0}, {"days": 367}, {"at_least": 0}):
            assert (await service.get("/complainers", **wrong)).status_code == 422
        seller = as_role("salesperson", SALESPERSON)
        assert (await service.http.get("/complaints/v1/complainers", headers=seller)).status_code == 403
