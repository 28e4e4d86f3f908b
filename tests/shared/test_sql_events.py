"""Events that SQL writes read like those that Python writes, whatever their values."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from shared.bus.event import Event
from shared.bus.outbox import EVENT_COLUMNS
from shared.bus.sql_events import SqlEvent
from shared.contracts.customers import AccountTeamChanged, CustomerUpdated, PurchaseRecorded, TierChanged
from shared.db import Database
from shared.ids import new_id
from shared.statement import Statement
from tests.postgres import FreshDatabase
from tests.support import database_of

MOMENT = datetime(2026, 11, 4, 1, 30, 0, 120_000, tzinfo=UTC)
ROW = """
WITH row AS (
    SELECT :id::uuid AS id, :customer_id::uuid AS customer_id, :brand_id::uuid AS brand_id,
           :amount::numeric(14, 2) AS amount, :occurred_at::timestamptz AS occurred_at,
           :external_no::text AS external_no
)
{told}
"""
LOGGED = Statement(select(*EVENT_COLUMNS), Event)
PURCHASE = {
    "customer_id": "customer_id",
    "purchase_id": "id",
    "brand_id": "brand_id",
    "amount": "amount",
    "occurred_at": "occurred_at",
    "external_no": "external_no",
}
TOLD = SqlEvent(
    contract=PurchaseRecorded,
    fields=PURCHASE,
    aggregate_id="id",
    version="1",
    at="occurred_at",
    historical=":historical",
)


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = await Database.connect(await database_of(fresh_database, "customers"), pool_size=1)
    yield database
    await database.close()


async def only_event(database: Database) -> Event:
    [event] = await LOGGED.all(database)
    return event


@pytest.mark.parametrize(
    "brand, external_no",
    [(True, "O-1"), (False, None), (True, 'quotes " and \\ and 奖励\n')],
)
async def test_a_written_event_reads_as_its_contract(database: Database, brand: bool, external_no: str | None) -> None:
    values: dict[str, Any] = {
        "id": new_id(),
        "customer_id": new_id(),
        "brand_id": new_id() if brand else None,
        "amount": Decimal("1250.50"),
        "occurred_at": MOMENT,
        "external_no": external_no,
    }

    write = Statement(ROW, told=TOLD.append_from("row"))
    await write.execute(database, **values, traceparent="00-1-1-01", historical=True)

    event = await only_event(database)
    expected = PurchaseRecorded(purchase_id=values.pop("id"), **values)
    assert event.read(PurchaseRecorded) == expected
    assert (event.type, event.topic, event.key) == (expected.TYPE, expected.TOPIC, str(expected.customer_id))
    assert (event.aggregate_id, event.aggregate_version, event.time) == (expected.purchase_id, 1, MOMENT)
    assert (event.historical, event.traceparent) == (True, "00-1-1-01")


async def test_what_the_caller_has_begun_is_continued(database: Database) -> None:
    customer_id, seller = new_id(), new_id()
    told = SqlEvent(
        contract=AccountTeamChanged,
        fields={"team": "json_build_object('salesperson', seller)"},
        aggregate_id="customer_id",
        version="2",
        at="now()",
        traceparent="NULL",
        begun="begun",
    )
    row = (
        "WITH row AS (SELECT :customer_id::uuid AS customer_id, :seller::uuid AS seller, :begun::text AS begun) {told}"
    )

    await Statement(row, told=told.append_from("row")).execute(
        database, customer_id=customer_id, seller=seller, begun=f'{{"customer_id":"{customer_id}"'
    )

    team = (await only_event(database)).read(AccountTeamChanged)
    assert team == AccountTeamChanged(customer_id=customer_id, team={"salesperson": seller})


@pytest.mark.parametrize(
    "changed, said",
    [({"colour": "'red'"}, "colour"), ({}, "amount")],
    ids=["a field that is none", "a field that is missing"],
)
def test_fields_are_those_of_the_contract(changed: dict[str, str], said: str) -> None:
    fields = {name: sql for name, sql in PURCHASE.items() if name != "amount" or changed} | changed
    with pytest.raises(TypeError, match=said):
        SqlEvent(contract=PurchaseRecorded, fields=fields, aggregate_id="id", version="1", at="now()")


def test_a_kind_of_value_that_nobody_knows_how_to_write_is_refused() -> None:
    event = SqlEvent(
        contract=CustomerUpdated,
        fields={"customer_id": "id", "kind": "kind", "changed": "changed"},
        aggregate_id="id",
        version="1",
        at="now()",
    )
    with pytest.raises(TypeError, match="list"):
        event.append_from("row")


def test_neighbouring_texts_are_one() -> None:
    told = SqlEvent(
        contract=TierChanged,
        fields={
            name: name
            for name in ("customer_id", "from_tier", "to_tier", "cause", "total", "policy_version", "at", "month")
        },
        aggregate_id="id",
        version="version",
        at=":at",
    )
    assert "' || '" not in told.append_from("moved")
