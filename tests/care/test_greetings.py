"""Greetings on a rise."""

from datetime import timedelta
from uuid import UUID

from services.care.delivery.handlers.claiming import claim
from services.care.delivery.handlers.delivering import deliver
from services.care.delivery.handlers.sending import mark
from shared.bus.event import Event
from shared.contracts.care import MessageSent
from shared.contracts.customers import Tier
from shared.delivery.port import TransientFailure
from shared.ids import new_id
from tests.care.building import PHONE, Care, Recording, tier_change


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


async def at_night(care: Care) -> UUID:
    """A customer, at ten in the evening."""
    customer = await care.customer("D")
    await care.contact(customer)
    care.clock.forward(timedelta(hours=13))
    return customer


async def rises(care: Care, customer: UUID) -> None:
    """From D to A within one night, each step judged by the gate."""
    steps: tuple[tuple[Tier, Tier], ...] = (("D", "C"), ("C", "B"), ("B", "A"))
    for was, to in steps:
        await care.moves(customer, to, was=was)
        await care.run_loops()


async def test_of_several_rises_in_a_night_the_last_one_is_greeted(care: Care) -> None:
    customer = await at_night(care)
    await rises(care, customer)

    listed = [(message["state"], message["reason"]) for message in await care.messages(customer_id=customer)]
    assert listed == [("planned", "quiet_hours"), ("replaced", "newer_message"), ("replaced", "newer_message")]
    care.clock.forward(timedelta(hours=10))
    await care.run_loops()

    (letter,) = care.letters()
    assert " A 级客户" in letter["body"]


async def test_of_several_rises_in_one_batch_the_last_one_is_greeted(care: Care) -> None:
    customer = await at_night(care)
    now = care.clock.now()
    steps = [tier_change(customer, "D", "C", now), tier_change(customer, "C", "B", now)]
    await care.deliver(
        Event.of(step, aggregate_id=customer, version=version, at=now) for version, step in enumerate(steps, start=8)
    )

    newest, older = await care.messages(customer_id=customer)
    assert (newest["state"], older["state"]) == ("planned", "replaced")


async def test_a_fall_takes_a_greeting_back_that_waits(care: Care) -> None:
    customer = await at_night(care)
    await care.moves(customer, "A", was="D")
    await care.moves(customer, "B", was="A")
    care.clock.forward(timedelta(hours=10))
    await care.run_loops()

    assert await care.message_state(customer) == ("replaced", "tier_fell")
    assert care.letters() == []


async def test_a_greeting_in_a_senders_hands_is_not_tried_again(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "B")
    holder = new_id()
    _, letters = await claim(care.context, holder)
    care.deliver_by(Recording(TransientFailure("http-503")))
    outcomes = await deliver(care.context, letters)

    await care.moves(customer, "A", was="B")
    await mark(care.context, outcomes, holder)
    care.clock.forward(timedelta(minutes=5))
    await care.run_loops()

    newest, older = await care.messages(customer_id=customer)
    assert (newest["state"], older["state"], older["reason"]) == ("sent", "replaced", "newer_message")
    assert older["sent_at"] is None


async def test_a_greeting_that_has_gone_stays_sent(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "B")
    await care.run_loops()
    await care.moves(customer, "A", was="B")
    await care.run_loops()

    assert [message["state"] for message in await care.messages(customer_id=customer)] == ["sent", "sent"]
