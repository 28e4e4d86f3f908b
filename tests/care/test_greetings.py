"""Greetings on a rise."""

from datetime import timedelta

from shared.contracts.care import MessageSent
from tests.care.building import PHONE, Care


async def test_a_rise_is_greeted_once(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    events = await care.moves(customer, "A")
    await care.deliver(events)

    await care.run_loops()
    await care.run_loops()

    (letter,) = care.letters()
    assert (letter["to"], letter["channel"], letter["language"]) == (PHONE, "sms", "zh-CN")
    assert "丽人美容院" in letter["body"]
    assert " A 级客户" in letter["body"]
    assert letter["unsubscribe_url"] in letter["body"]
    (message,) = await care.messages(customer_id=customer)
    assert (message["state"], message["address"], message["id"]) == ("sent", "+86*******8000", letter["key"])
    (fact,) = await care.facts(MessageSent)
    assert (fact.customer_id, fact.occasion, fact.purpose, fact.channel) == (
        customer,
        "tier_rise",
        "relationship",
        "sms",
    )


async def test_the_greetings_way_out_works(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "B")
    await care.run_loops()
    (letter,) = care.letters()
    path = letter["unsubscribe_url"].removeprefix("http://127.0.0.1:8000")

    assert (await care.http.post(path, headers={"Authorization": ""})).status_code == 200
    await care.moves(customer, "A", was="B")
    await care.run_loops()

    assert len(care.letters()) == 1
    newest = (await care.messages(customer_id=customer))[0]
    assert (newest["state"], newest["reason"]) == ("refused", "withdrawn")


async def test_a_fall_and_history_are_not_greeted(care: Care) -> None:
    customer = await care.customer("B")
    await care.contact(customer)
    await care.moves(customer, "C", was="B")
    await care.moves(customer, "A", historical=True)

    await care.run_loops()

    assert await care.messages(customer_id=customer) == []


async def test_a_person_is_greeted_only_by_consent(care: Care) -> None:
    customer = await care.customer("C", kind="person")
    await care.contact(customer, kind="person")
    await care.moves(customer, "A")

    await care.run_loops()

    assert await care.message_state(customer) == ("refused", "no_consent")
    assert care.letters() == []


async def test_a_greeting_waits_for_the_contact(care: Care) -> None:
    customer = await care.customer("C")
    await care.moves(customer, "A")
    await care.run_loops()
    assert await care.message_state(customer) == ("held", "no_contact")

    await care.contact(customer, language="en")
    await care.run_loops()

    assert await care.message_state(customer) == ("sent", None)
    assert care.letters()[0]["body"].startswith("Dear 丽人美容院")


async def test_a_greeting_that_waited_too_long_is_none_any_more(care: Care) -> None:
    customer = await care.customer("C")
    await care.moves(customer, "A")
    await care.run_loops()
    care.clock.forward(timedelta(days=7))
    await care.run_loops()

    await care.contact(customer)
    await care.run_loops()

    assert await care.message_state(customer) == ("refused", "no_contact")
