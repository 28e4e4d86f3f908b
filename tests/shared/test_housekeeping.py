"""Idempotency keys end with their day, however many there are; partitions are made ahead of time."""

import pytest

import shared.housekeeping
from shared.housekeeping import Housekeeping
from tests.postgres import FreshDatabase
from tests.shared.notes import notes_service


async def test_keys_are_forgotten_after_their_day(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.housekeeping, "AT_ONCE", 2)
    async with notes_service(fresh_database) as notes:
        house = Housekeeping(notes.database)
        for number in range(6):
            await notes.take(key=f"key {number}")
        assert await house.step() == 0
        await notes.database.execute(
            "UPDATE idempotency_key SET created_at = created_at - interval '25 hours' WHERE key <> 'key 5'"
        )
        assert await house.step() == 5
        assert await notes.database.fetchval("SELECT array_agg(key) FROM idempotency_key") == ["key 5"]


async def test_a_key_that_is_being_claimed_again_is_left_alone(fresh_database: FreshDatabase) -> None:
    async with notes_service(fresh_database) as notes:
        await notes.take(key="one")
        await notes.database.execute("UPDATE idempotency_key SET created_at = created_at - interval '25 hours'")
        async with notes.database.transaction() as tx:
            await tx.execute("UPDATE idempotency_key SET status = NULL")
            assert await Housekeeping(notes.database).step() == 0


async def test_next_months_partition_stands_before_it_begins(fresh_database: FreshDatabase) -> None:
    async with notes_service(fresh_database) as notes:
        await notes.database.execute(
            "DO $$ DECLARE each regclass; BEGIN FOR each IN SELECT inhrelid::regclass FROM pg_inherits "
            "WHERE inhparent = 'event_log'::regclass AND inhrelid <> 'event_log_rest'::regclass "
            "LOOP EXECUTE 'DROP TABLE ' || each; END LOOP; END $$"
        )
        await Housekeeping(notes.database).step()
        count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'event_log'::regclass"
        assert await notes.database.fetchval(count) == 3
