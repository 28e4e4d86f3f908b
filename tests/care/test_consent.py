"""Consent per channel and purpose, the promotion hold, and the public way out."""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.care.consent.domain import tokens
from services.care.consent.domain.choices import Means
from services.care.messages.domain import Purpose
from shared import waiting
from shared.bus.event import Event
from shared.contracts.care import ConsentWithdrawn
from shared.contracts.owners import CustomerOwnerChanged
from shared.ids import new_id
from tests.care.building import BOSS, MENTOR, SELLER, Care
from tests.support import bearer

OFFER = {"channel": "sms", "purpose": "promotion", "granted": True}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown customers are not waited for."""
    monkeypatch.setattr(waiting, "PATIENCE", ())


async def read(care: Care, customer: UUID, **headers: str) -> dict[str, Any]:
    answer = await care.http.get(f"/care/v1/consents/{customer}", headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def put(care: Care, customer: UUID, *consents: dict[str, Any], version: int | None = None, **more: Any) -> Any:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    body = {"consents": list(consents), **more}
    return await care.http.put(f"/care/v1/consents/{customer}", json=body, headers=headers)


def one(sheet: dict[str, Any], channel: str, purpose: str) -> dict[str, Any]:
    (found,) = [each for each in sheet["consents"] if (each["channel"], each["purpose"]) == (channel, purpose)]
    return {name: found[name] for name in ("allowed", "basis", "granted")}


async def test_what_holds_before_anything_was_said(care: Care) -> None:
    store, person = await care.customer(), await care.customer(kind="person")

    sheets = {kind: await read(care, id_) for kind, id_ in (("store", store), ("person", person))}

    assert sheets["store"]["version"] == 0
    assert one(sheets["store"], "sms", "service")["basis"] == "always"
    assert one(sheets["store"], "sms", "relationship")["basis"] == "business_number"
    assert one(sheets["person"], "sms", "relationship") == {"allowed": False, "basis": "no_consent", "granted": None}
    assert one(sheets["store"], "email", "promotion")["allowed"] is False
    assert sheets["store"]["promotion"] == {"held": False, "reason": None}


async def test_choices_are_kept_with_their_history(care: Care) -> None:
    customer = await care.customer()

    first = await put(care, customer, OFFER, source="signed form")
    care.clock.forward(timedelta(hours=1))
    second = await put(care, customer, {**OFFER, "granted": False}, version=1)

    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert one(first.json(), "sms", "promotion") == {"allowed": True, "basis": "consent", "granted": True}
    assert one(second.json(), "sms", "promotion") == {"allowed": False, "basis": "withdrawn", "granted": False}
    history = [(each["granted"], each["at"], each["source"]) for each in second.json()["history"]]
    assert history == [
        (False, "2026-11-04T02:00:00Z", "staff"),
        (True, "2026-11-04T01:00:00Z", "signed form"),
    ]
    (fact,) = await care.facts(ConsentWithdrawn)
    assert (fact.customer_id, fact.channel, fact.purpose) == (customer, "sms", "promotion")


async def test_choices_that_are_not_named_stay(care: Care) -> None:
    customer = await care.customer()
    await put(care, customer, OFFER)

    await put(care, customer, {"channel": "email", "purpose": "promotion", "granted": True}, version=1)

    assert one(await read(care, customer), "sms", "promotion")["granted"] is True


async def test_saying_the_same_again_changes_nothing(care: Care) -> None:
    customer = await care.customer()
    await put(care, customer, {**OFFER, "granted": False})

    again = await put(care, customer, {**OFFER, "granted": False}, version=1)

    assert again.json()["version"] == 1
    assert len(again.json()["history"]) == 1
    assert len(await care.facts(ConsentWithdrawn)) == 1


async def test_what_stands_is_changed_only_by_who_has_read_it(care: Care) -> None:
    customer = await care.customer()
    await put(care, customer, OFFER)

    assert (await put(care, customer, {**OFFER, "granted": False})).status_code == 428
    assert (await put(care, customer, {**OFFER, "granted": False}, version=0)).status_code == 412
    assert one(await read(care, customer), "sms", "promotion")["granted"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"consents": []},
        {"consents": [OFFER, OFFER]},
        {"consents": [{**OFFER, "purpose": "service"}]},
        {"consents": [{**OFFER, "channel": "pigeon"}]},
        {"consents": [{**OFFER, "granted": None}]},
        {"consents": [{**OFFER, "since": "2026"}]},
        {"consents": [OFFER], "source": ""},
        {"consents": [OFFER], "source": "a\x00"},
        {},
    ],
    ids=str,
)
async def test_a_choice_that_makes_no_sense_is_refused(care: Care, body: dict[str, Any]) -> None:
    customer = await care.customer()

    answer = await care.http.put(f"/care/v1/consents/{customer}", json=body)

    assert answer.status_code == 422
    assert (await read(care, customer))["version"] == 0


@pytest.mark.usefixtures("impatient")
async def test_a_customer_nobody_has_heard_of(care: Care) -> None:
    unknown = new_id()

    written = await put(care, unknown, OFFER)

    assert (written.status_code, written.json()["slug"]) == (422, "unknown-customer")
    assert (await care.http.get(f"/care/v1/consents/{unknown}")).status_code == 404
    assert (await care.http.get("/care/v1/consents/nonsense")).status_code == 422


@pytest.mark.usefixtures("impatient")
async def test_a_customer_is_seen_by_their_team_and_by_those_who_see_all(care: Care) -> None:
    customer = await care.customer(team={"salesperson": SELLER})
    path = f"/care/v1/consents/{customer}"

    statuses = {
        role: (await care.http.get(path, headers=bearer(role, who))).status_code
        for role, who in (
            ("salesperson", SELLER),
            ("beauty_mentor", MENTOR),
            ("sales_manager", BOSS),
            ("brand_manager", new_id()),
            ("cs_specialist", new_id()),
        )
    }

    assert statuses == {
        "salesperson": 200,
        "beauty_mentor": 404,
        "sales_manager": 200,
        "brand_manager": 404,
        "cs_specialist": 200,
    }


async def test_promotion_is_held_from_the_opening_until_no_case_is_open(care: Care) -> None:
    customer = await care.customer()
    first, second = await care.opens(customer), await care.opens(customer)
    assert (await read(care, customer))["promotion"] == {"held": True, "reason": "open_complaint"}

    await care.overdue(first, customer)
    assert (await read(care, customer))["promotion"] == {"held": True, "reason": "overdue_complaint"}

    await care.resolves(first, customer)
    assert (await read(care, customer))["promotion"] == {"held": True, "reason": "open_complaint"}

    await care.closes(second, customer)
    assert (await read(care, customer))["promotion"] == {"held": False, "reason": None}

    await care.reopens(second, customer)
    assert (await read(care, customer))["promotion"] == {"held": True, "reason": "open_complaint"}


async def test_a_breach_that_is_told_after_the_solution_holds_nothing(care: Care) -> None:
    customer = await care.customer()
    complaint = await care.opens(customer)
    await care.resolves(complaint, customer)

    await care.overdue(complaint, customer)

    assert (await read(care, customer))["promotion"] == {"held": False, "reason": None}


def token(care: Care, customer: UUID, channel: Means = Means.SMS, *, days: int = 0) -> str:
    """Good until the end of so many days after today."""
    about, last_day = (channel, Purpose.RELATIONSHIP), care.context.today() + timedelta(days=days)
    return tokens.written(care.context.vaults.tokens.digest, customer, about, last_day)


async def test_the_way_out_needs_no_login_and_reading_changes_nothing(care: Care) -> None:
    customer = await care.customer()
    path = f"/care/v1/unsubscribe/{token(care, customer)}"
    nobody = {"Authorization": ""}

    read_only = await care.http.get(path, headers=nobody)
    assert read_only.json() == {"channel": "sms", "purpose": "relationship", "subscribed": True}
    assert await care.facts(ConsentWithdrawn) == []

    one_click = await care.http.post(path, content="List-Unsubscribe=One-Click", headers=nobody)
    again = await care.http.post(path, headers=nobody)

    assert one_click.json() == again.json() == {"channel": "sms", "purpose": "relationship", "subscribed": False}
    assert len(await care.facts(ConsentWithdrawn)) == 1
    sheet = await read(care, customer)
    assert one(sheet, "sms", "relationship")["basis"] == "withdrawn"
    assert sheet["history"][0]["source"] == "unsubscribe"


@pytest.mark.parametrize("language, said", [("zh-CN", "您已退订"), ("en-GB", "You are unsubscribed")])
async def test_a_person_sees_a_page_in_their_language(care: Care, language: str, said: str) -> None:
    path = f"/care/v1/unsubscribe/{token(care, await care.customer())}"
    headers = {"Authorization": "", "Accept": "text/html", "Accept-Language": language}

    before = await care.http.get(path, headers=headers)
    after = await care.http.post(path, headers=headers)

    assert '<form method="post">' in before.text
    for page in (before, after):
        policy = page.headers["Content-Security-Policy"]
        assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "viewport" in before.text, "the link of an SMS is opened on a phone"
    assert said in after.text
    assert "<form" not in after.text


async def test_a_changed_link_opens_nothing(care: Care) -> None:
    good = token(care, await care.customer())
    last = chr(ord(good[-1]) + 1)  # differs in the bits that carry nothing

    for bad in [good[:-1] + last, good[:-4], "B" + good[1:], "x", "!!!!", "é" * 40, good * 2]:
        answer = await care.http.post(f"/care/v1/unsubscribe/{bad}")
        assert answer.status_code == 404, bad
    assert await care.facts(ConsentWithdrawn) == []


async def test_a_store_that_changed_hands_has_consented_to_nothing(care: Care) -> None:
    customer, other = await care.customer(), await care.customer()
    refused = {"channel": "email", "purpose": "promotion", "granted": False}
    for each in (customer, other):
        assert (await put(care, each, OFFER, refused, source="门店签字")).status_code == 200
    care.clock.forward(timedelta(days=1))
    about: dict[str, Any] = {
        "owner_id": new_id(),
        "from_owner_id": new_id(),
        "since": care.clock.now(),
        "at": care.clock.now(),
    }

    facts = [
        CustomerOwnerChanged(customer_id=customer, changed_hands=True, **about),
        CustomerOwnerChanged(customer_id=other, changed_hands=False, **about),
    ]
    events = [Event.of(fact, aggregate_id=new_id(), version=1, at=care.clock.now()) for fact in facts]
    await care.service.deliver(events)
    later = await care.customer()
    assert (await put(care, later, OFFER, source="新店主")).status_code == 200
    about["since"] -= timedelta(hours=1)
    late = CustomerOwnerChanged(customer_id=later, changed_hands=True, **about)
    await care.service.deliver([Event.of(late, aggregate_id=new_id(), version=1, at=care.clock.now())])

    assert one(await read(care, later), "sms", "promotion")["granted"] is True, "its new owner said so"
    assert one(await read(care, customer), "sms", "promotion") == {
        "allowed": False,
        "basis": "withdrawn",
        "granted": False,
    }
    assert one(await read(care, customer), "email", "promotion")["granted"] is False
    assert one(await read(care, other), "sms", "promotion")["granted"] is True, "an entry was put right"
    told = [fact.customer_id for fact in await care.facts(ConsentWithdrawn)]
    assert told == [customer, other, customer], "two refusals, and what the change of hands ended"


async def test_a_link_ends_with_its_last_day(care: Care) -> None:
    customer = await care.customer()
    path = f"/care/v1/unsubscribe/{token(care, customer, days=1)}"

    care.clock.forward(timedelta(days=1))
    assert (await care.http.get(path)).json()["subscribed"] is True
    care.clock.forward(timedelta(days=1))
    for answer in (await care.http.get(path), await care.http.post(path)):
        assert (answer.status_code, answer.json()["slug"]) == (410, "unsubscribe-ended")
    assert one(await read(care, customer), "sms", "relationship")["basis"] == "business_number"
    assert await care.facts(ConsentWithdrawn) == []


async def test_whoever_moves_the_last_day_of_a_link_opens_nothing(care: Care) -> None:
    path = token(care, await care.customer(), days=-1)
    raw = bytearray(base64.urlsafe_b64decode(path + "=" * (-len(path) % 4)))
    raw[20] += 1

    answer = await care.http.post(f"/care/v1/unsubscribe/{base64.urlsafe_b64encode(raw).decode().rstrip('=')}")

    assert (answer.status_code, answer.json()["slug"]) == (404, "unknown-token")


async def test_a_link_of_a_release_before_still_leads_out(care: Care) -> None:
    customer = await care.customer()
    said = customer.bytes + bytes((list(Means).index(Means.SMS), list(Purpose).index(Purpose.RELATIONSHIP)))
    raw = said + care.context.vaults.tokens.digest(said)[:16]

    answer = await care.http.post(f"/care/v1/unsubscribe/{base64.urlsafe_b64encode(raw).decode().rstrip('=')}")

    assert answer.json() == {"channel": "sms", "purpose": "relationship", "subscribed": False}


PROOF = {
    "form": "paper",
    "place": "丽人美容院前台",
    "text_version": "2026-03",
    "taken_at": "2026-11-03T10:00:00+08:00",
    "taken_by": str(SELLER),
}


async def test_a_choice_is_kept_with_its_proof(care: Care) -> None:
    customer = await care.customer()

    told = (await put(care, customer, OFFER, source="signed form", proof=PROOF)).json()

    [choice] = told["history"]
    assert choice["proof"] == {**PROOF, "taken_at": "2026-11-03T02:00:00Z"}
    assert choice["at"] == "2026-11-04T01:00:00Z", "when it was recorded"
    [row] = await care.database.fetch("SELECT * FROM consent_history")
    assert "丽人" not in str(dict(row))
    assert "丽人".encode() not in row["sealed_proof"]


async def test_a_proof_that_comes_later_is_kept_and_tells_nothing_twice(care: Care) -> None:
    customer = await care.customer()
    await put(care, customer, {**OFFER, "granted": False})

    later = await put(care, customer, {**OFFER, "granted": False}, version=1, proof={**PROOF, "taken_by": None})

    assert later.json()["version"] == 2
    assert [choice["proof"] is None for choice in later.json()["history"]] == [False, True]
    assert len(await care.facts(ConsentWithdrawn)) == 1


@pytest.mark.parametrize(
    "wrong, pointer",
    [
        ({"taken_at": "2026-11-04T01:00:01Z"}, "#/proof/taken_at"),
        ({"taken_at": "20261103"}, "#/proof/taken_at"),
        ({"form": "hearsay"}, "#/proof/form"),
        ({"place": " "}, "#/proof/place"),
        ({"text_version": ""}, "#/proof/text_version"),
    ],
)
async def test_a_proof_that_cannot_be_is_refused(care: Care, wrong: dict[str, str], pointer: str) -> None:
    customer = await care.customer()

    answer = await put(care, customer, OFFER, proof={**PROOF, **wrong})

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert (await read(care, customer))["version"] == 0
