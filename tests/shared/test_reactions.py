"""Reactions: several follow each other within one transaction, and each is given the service's context."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.bus.event import Event
from shared.contracts.customers import RegionListed
from shared.db import Connection, Database
from shared.ids import new_id
from shared.reactions import Reaction, bind, in_turn
from tests.postgres import FreshDatabase
from tests.support import START, database_of


@dataclass
class Notebook:
    """The context of these reactions: what they noted."""

    lines: list[str] = field(default_factory=list)


def noting(word: str) -> Reaction[Notebook]:
    async def react(notebook: Notebook, transaction: Connection, events: Sequence[Event]) -> None:
        number = await transaction.fetchval("SELECT txid_current()")
        notebook.lines.append(f"{word} {len(events)} in {number}")

    return react


def listed() -> Event:
    region = new_id()
    return Event.of(RegionListed(region_id=region, name="浦东"), aggregate_id=region, version=1, at=START)


async def test_reactions_follow_each_other_in_one_transaction(fresh_database: FreshDatabase) -> None:
    notebook = Notebook()
    effects = bind(notebook, {RegionListed.TYPE: in_turn(noting("first"), noting("second"))})
    database = await Database.connect(await database_of(fresh_database, "reporting"), pool_size=1)

    async with database.transaction() as transaction:
        await effects[RegionListed.TYPE](transaction, [listed(), listed()])
        here = await transaction.fetchval("SELECT txid_current()")
    await database.close()

    assert notebook.lines == [f"first 2 in {here}", f"second 2 in {here}"]


async def test_each_type_has_its_own_reaction(fresh_database: FreshDatabase) -> None:
    notebook = Notebook()
    effects = bind(notebook, {"a": noting("a"), "b": noting("b")})
    database = await Database.connect(await database_of(fresh_database, "reporting"), pool_size=1)

    async with database.transaction() as transaction:
        await effects["b"](transaction, [listed()])
        await effects["a"](transaction, [listed()])
    await database.close()

    assert [line.split()[0] for line in notebook.lines] == ["b", "a"]
