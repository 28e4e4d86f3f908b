"""Messages planned once per occasion, and as people read them."""

from typing import Any
from uuid import UUID

import pytest

from services.care.messages.domain import Purpose
from shared.contracts.erasures import PersonErased
from shared.delivery.port import Outgoing, Receipt
from shared.ids import new_id
from tests.care.building import CS_MANAGER, SELLER, Care
from tests.support import bearer


async def test_an_occasion_has_one_message(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)

    await care.offers(customer, purpose=Purpose.RELATIONSHIP)
    await care.offers(customer, purpose=Purpose.RELATIONSHIP)
    await care.run_loops()

    assert len(care.letters()) == 1


async def test_who_sees_messages(care: Care) -> None:
    customer = await care.customer("C", team={"salesperson": SELLER})
    await care.contact(customer)
    await care.moves(customer, "A")
    await care.overdue(await care.opens(None), None, staff_id=CS_MANAGER)

    async def sees(role: str, who: UUID, **params: str) -> Any:
        answer = await care.http.get("/care/v1/messages", params=params, headers=bearer(role, who))
        return len(answer.json()["items"]) if answer.status_code == 200 else answer.status_code

    assert await sees("cs_manager", CS_MANAGER) == 2
    assert await sees("salesperson", SELLER, customer_id=str(customer)) == 1
    assert await sees("salesperson", SELLER, staff_id=str(SELLER)) == 0
    assert await sees("salesperson", SELLER) == 404
    assert await sees("beauty_mentor", new_id(), customer_id=str(customer)) == 404
    assert await sees("beauty_mentor", new_id(), customer_id=str(new_id())) == 404
    assert await sees("partner", new_id()) == 403


async def test_messages_are_listed_page_by_page(care: Care) -> None:
    customer = await care.customer("C")
    for number in range(5):
        await care.offers(customer, f"offer:{number}")
    params = {"customer_id": str(customer), "limit": "2"}
    found: list[str] = []
    while True:
        page = (await care.http.get("/care/v1/messages", params=params)).json()
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]

    assert len(found) == len(set(found)) == 5
    assert found == sorted(found, reverse=True)


async def test_nothing_is_kept_of_a_message_to_who_is_erased_while_it_goes(
    care: Care, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.offers(customer, purpose=Purpose.RELATIONSHIP)

    async def send(message: Outgoing) -> Receipt:
        at = care.service.clock.now()
        erased = PersonErased(erasure_id=new_id(), person_id=customer, kind="customer", customer_id=customer, at=at)
        await care.service.given(erased)
        return Receipt("erasing", message.key)

    monkeypatch.setattr(care.service.service.context.providers, "send", send)
    await care.run_loops()

    left = await care.service.database.fetch("SELECT state, reference FROM message")
    assert [tuple(each) for each in left] == [("sent", None)]
