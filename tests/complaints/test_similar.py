"""Cases with alike words are suggested, whatever their subject and customer."""

from typing import Any

from shared.contracts.customers import ContactListed, StoreListed
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, Complaints, as_role, complaints
from tests.postgres import FreshDatabase

ASKED = "面霜开封三天后变色发黄，有一股酸味，客人用了脸上起红疹，要求退货并赔偿"
ALIKE = "客人反映面霜开封后变色发黄，闻起来有酸味，用了以后起红疹，希望退货"
LESS = "面霜变色发黄，怀疑是仓库温度太高，请业务人员来看一下库存"
OTHERS = [
    "业务员态度很差，约好的时间没有来，打电话也不接",
    "送货晚了两天，外箱破损，少了三瓶洗发水",
    "The salesperson was rude and did not come at the time we had agreed on",
    "促销活动承诺的赠品一直没有收到，已经问过两次",
]


async def recorded(service: Complaints, text: str, **fields: Any) -> str:
    id_ = str((await service.record(text=text, **fields))["id"])
    await service.hear_own()
    return id_


async def similar(service: Complaints, id_: str) -> list[tuple[str, float]]:
    answer = await service.get(f"/complaints/{id_}/similar")
    assert answer.status_code == 200, answer.text
    return [(each["id"], each["likeness"]) for each in answer.json()["items"]]


async def test_the_most_alike_come_first_and_other_matters_not_at_all(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for text in OTHERS:
            await recorded(service, text)
        alike = await recorded(service, ALIKE, subject="after_sales", against=None)
        again = await recorded(service, ASKED)
        less = await recorded(service, LESS)

        asked = await recorded(service, ASKED)

        found = await similar(service, asked)
        assert [id_ for id_, _ in found][:2] == [again, alike]
        assert found[0][1] == 1.0
        assert 0.3 < found[1][1] < 0.9
        assert {id_ for id_, _ in found} <= {again, alike, less}
        assert dict(await similar(service, alike))[asked] == found[1][1]


async def test_who_complained_is_named(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        store, person = await service.customer(), await service.customer()
        await service.given(
            StoreListed(customer_id=store, name="丽人美容院", external_no="S-17"),
            ContactListed(customer_id=person, kind="person", name="张女士"),
        )
        for customer in (store, person, None):
            await service.record(customer, text=ALIKE)
        await service.hear_own()
        asked = await recorded(service, ASKED)

        items = (await service.get(f"/complaints/{asked}/similar")).json()["items"]
        names = {each["customer_id"]: (each["customer_name"], each["complainant_name"]) for each in items}
        assert names == {
            str(store): ("丽人美容院", None),
            str(person): ("张女士", None),
            None: (None, "王小姐"),
        }


async def test_english_is_compared_as_well(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first = await recorded(service, OTHERS[2])
        await recorded(service, "Two bottles of shampoo were missing in the parcel")
        second = await recorded(service, "The salesperson was very rude and never came at the agreed time")

        assert [id_ for id_, _ in await similar(service, second)] == [first]


async def test_at_most_ten_are_suggested_the_newest_of_equals_first(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        ids = [str((await service.record(text=ASKED))["id"]) for _ in range(13)]
        await service.hear_own()

        assert [id_ for id_, _ in await similar(service, ids[0])] == ids[:2:-1]


async def test_nothing_that_is_kept_for_it_can_be_read(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await recorded(service, ASKED)
        rows = await service.database.fetch("SELECT s::text AS everything FROM case_sketch s")
        assert 0 < len(rows) <= 8
        assert not any("面" in row["everything"] for row in rows)


async def test_suggestions_are_for_who_sees_every_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await recorded(service, ASKED)
        seller = as_role("salesperson", SALESPERSON)
        assert (await service.http.get(f"/complaints/v1/complaints/{id_}/similar", headers=seller)).status_code == 403
        assert (await service.get(f"/complaints/{new_id()}/similar")).status_code == 404
