"""Customers who were merged: one is owed what one is owed, the stricter consent holds, messages are one's own."""

from collections.abc import Sequence
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import orjson

from shared.contracts.care import ConsentWithdrawn, TouchDropped
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from shared.ids import new_id
from tests.care.building import CS_MANAGER, OTHER_SELLER, TEAM, Care, tier_change
from tests.care.test_consent import one, put, read, token
from tests.care.test_consent_proposals import decide, listed, proposed

MERGE = new_id()


async def merge(care: Care, merged: UUID, into: UUID, version: int = 50) -> None:
    at = care.clock.now()
    for customer_id in (merged, into):
        told = CustomerMerged(customer_id=customer_id, merge_id=MERGE, merged_id=merged, into_id=into, at=at)
        await care.given(told, version=version)


async def unmerge(care: Care, merged: UUID, into: UUID, version: int = 51, under: Sequence[UUID] = ()) -> None:
    """Told under both, as it is, unless it is told under some of them first."""
    at = care.clock.now()
    for customer_id in under or (merged, into):
        told = CustomerUnmerged(
            customer_id=customer_id, merge_id=MERGE, merged_id=merged, into_id=into, at=at, tier="C"
        )
        await care.given(told, version=version)


async def owed(care: Care, customer: UUID) -> list[str]:
    """The customers to whom open obligations are owed, found under one id."""
    open_ = await care.tasks(customer, state="open", kind="obligation")
    return sorted({task["customer_id"] for task in open_})


async def test_one_is_owed_what_one_is_owed(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    before = len(await care.tasks(kept, state="open", kind="obligation"))
    visit = await care.open_task(twice, "salesperson", "visit")
    done = await care.finish(visit["id"], at=care.clock.now().isoformat())
    assert done.status_code == 200, done.text

    await merge(care, twice, kept)

    assert await owed(care, kept) == await owed(care, twice) == [str(kept)]
    assert len(await care.tasks(kept, state="open", kind="obligation")) == before
    assert visit["id"] in {task["id"] for task in await care.tasks(kept, state="done")}, "what was done is found"
    dropped = await care.service.facts(TouchDropped)
    assert {each.customer_id for each in dropped} == {twice}
    await care.moves(kept, "A")
    assert await owed(care, twice) == [str(kept)], "a rise of the kept one owes the old id nothing"
    await unmerge(care, twice, kept)
    assert await owed(care, twice) == [str(twice)]
    assert len(await care.tasks(twice, state="open", kind="obligation")) == before, "a C, as it was"


async def test_the_stricter_consent_holds_until_they_say_otherwise(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    greetings = {"channel": "sms", "purpose": "relationship", "granted": False}
    offers = {"channel": "sms", "purpose": "promotion", "granted": True}
    for customer, said in ((kept, [offers]), (twice, [greetings, {**offers, "channel": "email"}])):
        answer = await put(care, customer, *said, source="表格")
        assert answer.status_code == 200, answer.text

    await merge(care, twice, kept)

    sheet = await read(care, kept)
    assert one(sheet, "sms", "relationship")["basis"] == "withdrawn", "one of them has refused"
    assert one(sheet, "sms", "promotion")["basis"] == "consent"
    assert one(sheet, "email", "promotion")["basis"] == "no_consent", "only the other one has consented"
    assert one(await read(care, twice), "sms", "relationship")["basis"] == "withdrawn"
    again = {**greetings, "granted": True}
    assert (await put(care, kept, again, source="电话", version=sheet["version"])).status_code == 200
    assert one(await read(care, kept), "sms", "relationship")["basis"] == "consent"


async def test_an_open_case_of_either_holds_promotion(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    case = await care.opens(twice)
    assert (await read(care, kept))["promotion"]["held"] is False

    await merge(care, twice, kept)

    assert (await read(care, kept))["promotion"] == {"held": True, "reason": "open_complaint"}
    await care.resolves(case, twice)
    assert (await read(care, kept))["promotion"]["held"] is False


async def test_messages_of_both_are_listed(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    await care.offers(kept)
    await care.offers(twice)

    await merge(care, twice, kept)

    listed = await care.messages(customer_id=str(kept))
    assert {each["customer_id"] for each in listed} == {str(kept), str(twice)}
    assert await care.messages(customer_id=str(twice)) == listed


async def tier(care: Care, customer: UUID) -> object:
    return await care.database.fetchval("SELECT tier FROM account WHERE id = $1", customer)


async def test_a_chain_goes_by_tier_and_team_at_its_end_and_each_has_its_own_again(care: Care) -> None:
    first, second = await care.customer("D"), await care.customer("D")
    last = await care.customer("A", team={**TEAM, "salesperson": OTHER_SELLER})
    await merge(care, first, second)

    await merge(care, second, last)

    assert [await tier(care, each) for each in (first, second)] == ["A", "A"]
    teams = await care.database.fetch("SELECT team ->> 'salesperson' AS seller FROM account")
    assert {row["seller"] for row in teams} == {str(OTHER_SELLER)}
    assert await owed(care, first) == await owed(care, last) == [str(last)]
    await unmerge(care, second, last)
    assert [await tier(care, each) for each in (first, second, last)] == ["C", "C", "A"]
    assert await owed(care, first) == await owed(care, second) == [str(second)]


async def test_an_unmerge_told_once_more_under_the_kept_one_says_nothing_of_the_tier(care: Care) -> None:
    kept, twice = await care.customer("D"), await care.customer()
    await merge(care, twice, kept)
    await unmerge(care, twice, kept, under=[twice])
    await care.given(tier_change(twice, "C", "A", care.clock.now()), version=52)

    await unmerge(care, twice, kept, under=[kept])

    assert await tier(care, twice) == "A"


async def test_who_unsubscribes_by_a_link_from_before_has_refused_as_both(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    path = f"/care/v1/unsubscribe/{token(care, twice)}"
    await merge(care, twice, kept)

    answer = await care.http.post(path, headers={"Authorization": ""})

    assert answer.json()["subscribed"] is False
    assert one(await read(care, kept), "sms", "relationship")["basis"] == "withdrawn"
    assert {each.customer_id for each in await care.facts(ConsentWithdrawn)} == {kept, twice}
    await unmerge(care, twice, kept)
    assert one(await read(care, twice), "sms", "relationship")["basis"] == "withdrawn", "they said so themselves"


async def test_who_subscribes_again_as_the_kept_one_unsubscribes_by_a_link_from_before(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    path, greetings = f"/care/v1/unsubscribe/{token(care, twice)}", {"channel": "sms", "purpose": "relationship"}
    await merge(care, twice, kept)
    assert (await put(care, kept, {**greetings, "granted": True}, source="电话")).status_code == 200
    assert (await care.http.get(path, headers={"Authorization": ""})).json()["subscribed"] is True

    await care.http.post(path, headers={"Authorization": ""})

    assert one(await read(care, kept), "sms", "relationship")["basis"] == "withdrawn"
    assert (await care.http.get(path, headers={"Authorization": ""})).json()["subscribed"] is False


async def test_what_was_proposed_of_the_old_id_is_agreed_to_for_the_kept_one(care: Care) -> None:
    kept, twice = await care.customer(), await care.customer()
    offers, greetings = {"channel": "sms", "purpose": "promotion"}, {"channel": "sms", "purpose": "relationship"}
    consents = [{**offers, "granted": True}, {**greetings, "granted": False}]
    proposal = await proposed(care, twice, *consents)

    await merge(care, twice, kept)

    assert await listed(care, "cs_manager", CS_MANAGER, customer_id=str(kept)) == [proposal["id"]]
    assert (await decide(care, proposal["id"], "agree")).status_code == 200
    sheet = await read(care, kept)
    assert one(sheet, "sms", "promotion")["basis"] == "consent"
    assert one(sheet, "sms", "relationship")["basis"] == "withdrawn"
    await unmerge(care, twice, kept)
    assert one(await read(care, twice), "sms", "promotion")["basis"] == "no_consent", "agreed to for the kept one"


async def test_what_is_kept_of_a_person_is_that_of_both(care: Care) -> None:
    kept, twice = await care.customer(kind="person"), await care.customer(kind="person")
    for each in (kept, twice):
        await care.contact(each, kind="person", name=f"王 {each}")
        refused = {"channel": "sms", "purpose": "relationship", "granted": False}
        assert (await put(care, each, refused, source=f"电话 {each}")).status_code == 200

    await merge(care, twice, kept)

    archive = ZipFile(BytesIO((await care.http.get(f"/care/v1/persons/{kept}/export")).content))
    contacts, said = (orjson.loads(archive.read(f"care/{name}.json")) for name in ("contact", "consents"))
    assert {each["name"] for each in contacts} == {f"王 {each}" for each in (kept, twice)}
    assert {f"电话 {each}" for each in (kept, twice)} == {each["source"] for each in said} - {"merged"}
