"""A timeline has entries of the events of which the description says so, in the form that it shows; of money, none."""

import json
from uuid import UUID

from jsonschema import Draft202012Validator

from services.reporting.timeline.domain import TOLD
from shared.contracts.customers import CONTACTS
from shared.contracts.responsibility import RESPONSIBILITY
from shared.contracts.withdrawing import CustomerWithdrawn
from tests.contracts.descriptions import document_of
from tests.contracts.samples import facts, file_of
from tests.postgres import FreshDatabase
from tests.support import one_service


async def test_every_event_that_has_an_entry_is_described_and_no_other(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        customers: set[UUID] = set()
        for fact in (fact for fact in facts() if fact.TOPIC not in (CONTACTS, RESPONSIBILITY)):
            if fact is CustomerWithdrawn:
                continue  # who was none has no timeline
            told = fact.model_validate(json.loads(file_of(fact).read_text())["full"])
            await reporting.given(told)
            customers |= {
                each
                for each in [
                    told.partition_key(),
                    getattr(told, "customer_id", None),
                    *getattr(told, "customer_ids", ()),
                ]
                if each
            }

        page = document_of(reporting.app)
        described = Draft202012Validator({**page, "$ref": "#/components/schemas/TimelineEntryPage"})
        seen: set[str] = set()
        for customer in customers:
            answer = await reporting.http.get(f"/reporting/v1/customers/{customer}/timeline", params={"limit": 100})
            faults = list(described.iter_errors(answer.json()))
            assert not faults, faults[0].instance
            seen |= {entry["type"] for entry in answer.json()["items"]}

    assert seen == {fact.TYPE for fact in TOLD}
