"""Consents are changed by customer service and by the person; others propose."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.care.consent.domain import tokens
from services.care.consent.domain.choices import Means
from services.care.messages.domain import Purpose
from shared import waiting
from shared.contracts.care import ConsentWithdrawn
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, MENTOR, OTHER_SELLER, SELLER, Care, staff
from tests.support import bearer

OFFER = {"channel": "sms", "purpose": "promotion", "granted": True}
SOURCE = "王女士在展会上签的表"


async def propose(
    care: Care, customer: UUID, *consents: dict[str, Any], role: str = "salesperson", by: UUID = SELLER
) -> Any:
    body = {"consents": list(consents), "source": SOURCE}
    return await care.http.post(f"/care/v1/consents/{customer}/proposals", json=body, headers=bearer(role, by))


async def proposed(care: Care, customer: UUID, *consents: dict[str, Any]) -> dict[str, Any]:
    answer = await propose(care, customer, *consents)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def decide(care: Care, proposal: str | UUID, how: str, role: str = "cs_manager", by: UUID = CS_MANAGER) -> Any:
    body = {"reason": "她说不要"} if how == "refuse" else None
    path = f"/care/v1/consent-proposals/{proposal}/{how}"
    return await care.http.post(path, json=body, headers=bearer(role, by))


async def listed(care: Care, role: str, by: UUID, **filters: Any) -> list[str]:
    answer = await care.http.get("/care/v1/consent-proposals", params=filters, headers=bearer(role, by))
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def sheet(care: Care, customer: UUID) -> dict[str, Any]:
    found: dict[str, Any] = (await care.http.get(f"/care/v1/consents/{customer}")).json()
    return found


@pytest.mark.parametrize("role", ["salesperson", "beauty_mentor", "sales_manager", "general_manager", "admin_dept"])
async def test_only_customer_service_changes_consents(care: Care, role: str) -> None:
    customer = await care.customer()
    who = {"beauty_mentor": MENTOR, "sales_manager": BOSS}.get(role, SELLER)
    path = f"/care/v1/consents/{customer}"

    own_hand = await care.http.put(path, json={"consents": [OFFER]}, headers=bearer(role, who))
    proposal = await propose(care, customer, OFFER, role=role, by=who)
    agreed = await decide(care, proposal.json()["id"], "agree", role, who)

    assert (own_hand.status_code, proposal.status_code, agreed.status_code) == (403, 201, 403)
    assert (await sheet(care, customer))["version"] == 0


@pytest.mark.parametrize("role", ["cs_specialist", "cs_manager", "admin"])
async def test_customer_service_changes_them_at_once(care: Care, role: str) -> None:
    customer = await care.customer()

    answer = await care.http.put(
        f"/care/v1/consents/{customer}", json={"consents": [OFFER]}, headers=bearer(role, CS_MANAGER)
    )

    assert (answer.status_code, answer.json()["version"]) == (200, 1)


async def test_what_is_agreed_to_holds(care: Care) -> None:
    customer = await care.customer()
    proposal = await proposed(care, customer, OFFER, {**OFFER, "channel": "email", "granted": False})
    assert proposal["state"] == "open"
    assert proposal["consents"] == [OFFER, {**OFFER, "channel": "email", "granted": False}]
    care.clock.forward(timedelta(hours=1))

    agreed = await decide(care, proposal["id"], "agree")

    assert agreed.status_code == 200, agreed.text
    assert (agreed.json()["state"], agreed.json()["decided_by"]) == ("agreed", str(CS_MANAGER))
    after = await sheet(care, customer)
    kept = {(each["channel"], each["granted"], each["source"], each["by"]) for each in after["history"]}
    assert kept == {("sms", True, SOURCE, str(CS_MANAGER)), ("email", False, SOURCE, str(CS_MANAGER))}
    assert [fact.channel for fact in await care.facts(ConsentWithdrawn)] == ["email"]


async def test_what_is_refused_changes_nothing(care: Care) -> None:
    customer = await care.customer()
    proposal = await proposed(care, customer, OFFER)

    refused = await decide(care, proposal["id"], "refuse")

    assert (refused.status_code, refused.json()["state"], refused.json()["reason"]) == (200, "refused", "她说不要")
    assert (await sheet(care, customer))["version"] == 0


async def test_a_proposal_is_decided_once(care: Care) -> None:
    proposal = await proposed(care, await care.customer(), OFFER)
    await decide(care, proposal["id"], "agree")

    again = [await decide(care, proposal["id"], how) for how in ("agree", "refuse")]
    unknown = [await decide(care, new_id(), how) for how in ("agree", "refuse")]

    assert {(answer.status_code, answer.json()["slug"]) for answer in again} == {(409, "consent-proposal-decided")}
    assert {(each.status_code, each.json()["slug"]) for each in unknown} == {(404, "consent-proposal-not-found")}


async def test_what_the_person_said_since_stands(care: Care) -> None:
    customer = await care.customer()
    proposal = await proposed(care, customer, {**OFFER, "purpose": "relationship"})
    care.clock.forward(timedelta(minutes=1))
    about = (Means.SMS, Purpose.RELATIONSHIP)
    token = tokens.written(care.context.vaults.tokens.digest, customer, about, care.context.today())
    await care.http.post(f"/care/v1/unsubscribe/{token}")

    agreed = await decide(care, proposal["id"], "agree")

    assert (agreed.status_code, agreed.json()["slug"]) == (409, "consent-proposal-outdated")
    (choice,) = (await sheet(care, customer))["history"]
    assert (choice["granted"], choice["source"], choice["by"]) == (False, "unsubscribe", None)
    assert (await decide(care, proposal["id"], "refuse")).status_code == 200


async def test_who_proposed_sees_their_own_and_customer_service_all(care: Care) -> None:
    first, second = await care.customer(), await care.customer()
    own = (await proposed(care, first, OFFER))["id"]
    mentors = (await propose(care, second, OFFER, role="beauty_mentor", by=MENTOR)).json()["id"]
    await decide(care, own, "refuse")

    assert await listed(care, "salesperson", SELLER) == [own]
    assert await listed(care, "beauty_mentor", MENTOR) == [mentors]
    assert await listed(care, "cs_specialist", CS_MANAGER) == [mentors, own]
    assert await listed(care, "cs_specialist", CS_MANAGER, state="open") == [mentors]
    assert await listed(care, "cs_specialist", CS_MANAGER, customer_id=str(first)) == [own]


async def test_the_list_goes_on_page_by_page(care: Care) -> None:
    customer = await care.customer()
    ids = [(await proposed(care, customer, OFFER))["id"] for _ in range(3)]
    found: list[str] = []
    cursor: str | None = None
    while len(found) < 3:
        params: dict[str, Any] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await care.http.get("/care/v1/consent-proposals", params=params)).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"]

    assert found == ids[::-1]
    assert cursor is None


async def test_only_who_sees_the_customer_proposes(care: Care, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", ())
    customer = await care.customer()
    await care.given(staff(OTHER_SELLER, "salesperson"))

    foreign = await propose(care, customer, OFFER, by=OTHER_SELLER)
    unknown = await propose(care, new_id(), OFFER, by=OTHER_SELLER)

    assert [(answer.status_code, answer.json()["slug"]) for answer in (foreign, unknown)] == [
        (404, "customer-not-found"),
        (404, "customer-not-found"),
    ]
    assert foreign.json()["detail"] == unknown.json()["detail"]


async def test_every_hand_is_entered_and_no_word_lies_open(care: Care) -> None:
    customer = await care.customer()
    agreed, refused = await proposed(care, customer, OFFER), await proposed(care, customer, OFFER)
    await decide(care, agreed["id"], "agree")
    await decide(care, refused["id"], "refuse")

    entries = await care.database.fetch("SELECT made_by, what, subject FROM audit_entry ORDER BY id")
    rows = await care.database.fetch("SELECT t::text AS row FROM consent_proposal t")
    rows += await care.database.fetch("SELECT t::text AS row FROM consent_history t")

    assert [tuple(entry.values()) for entry in entries] == [
        (SELLER, "consent.proposed", UUID(agreed["id"])),
        (SELLER, "consent.proposed", UUID(refused["id"])),
        (CS_MANAGER, "consent.agreed", UUID(agreed["id"])),
        (CS_MANAGER, "consent.refused", UUID(refused["id"])),
    ]
    stored = " ".join(row["row"] for row in rows)
    assert SOURCE not in stored
    assert SOURCE.encode().hex() not in stored
    assert "她说不要".encode().hex() not in stored


async def test_what_a_release_before_has_stored_in_plain_text_is_sealed(care: Care) -> None:
    customer = await care.customer()
    said = (customer, "sms", "promotion", True, care.clock.now(), SOURCE)
    for table in ("consent", "consent_history"):
        await care.database.execute(
            f"INSERT INTO {table} (customer_id, channel, purpose, granted, at, source) VALUES ($1, $2, $3, $4, $5, $6)",
            *said,
        )
    assert [each["source"] for each in (await sheet(care, customer))["history"]] == [SOURCE]

    await care.run_loops()

    plain = await care.database.fetch("SELECT source FROM consent UNION ALL SELECT source FROM consent_history")
    assert [row["source"] for row in plain] == ["", ""]
    assert [each["source"] for each in (await sheet(care, customer))["history"]] == [SOURCE]


async def test_the_proof_of_a_proposal_goes_into_the_history(care: Care) -> None:
    customer = await care.customer()
    proof = {
        "form": "spoken", "place": "店里", "text_version": "3", "taken_at": "2026-11-04T01:00:00Z",
        "taken_by": str(SELLER),
    }  # fmt: skip
    body = {"consents": [OFFER], "source": SOURCE, "proof": proof}
    path = f"/care/v1/consents/{customer}/proposals"
    proposal = (await care.http.post(path, json=body, headers=bearer("salesperson", SELLER))).json()
    assert proposal["proof"] == proof

    assert (await decide(care, proposal["id"], "agree")).json()["proof"] == proof

    [choice] = (await sheet(care, customer))["history"]
    assert (choice["proof"], choice["by"]) == (proof, str(CS_MANAGER))


async def test_a_proof_of_tomorrow_is_not_proposed(care: Care) -> None:
    customer = await care.customer()
    proof = {"form": "spoken", "place": "店里", "text_version": "3", "taken_at": "2026-11-05T01:00:00Z"}
    body = {"consents": [OFFER], "source": SOURCE, "proof": proof}

    answer = await care.http.post(
        f"/care/v1/consents/{customer}/proposals", json=body, headers=bearer("salesperson", SELLER)
    )

    assert (answer.status_code, answer.json()["slug"]) == (422, "proof-of-tomorrow")
    assert await listed(care, "cs_manager", CS_MANAGER) == []
