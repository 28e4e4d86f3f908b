"""Numbers in part: each case once and in the order of lists, however many there are, and no more read than a page."""

import json
from datetime import timedelta
from typing import Any

from services.complaints.lists.domain import HEAD_OF_LIST, ListOrder, Wanted
from services.complaints.lists.queries.clauses import values_sought
from services.complaints.lists.queries.listing import list_page
from services.complaints.search.domain import PLACES
from tests.complaints.building import SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.complaints.test_lists import found
from tests.complaints.test_search import made_findable
from tests.postgres import FreshDatabase
from tests.support import START

_COPIES = """
WITH made AS (
    INSERT INTO complaint SELECT (jsonb_populate_record(one.of_them, jsonb_build_object(
        'id', gen_random_uuid(),
        'number', 'C20261104-' || lpad(given.count, greatest(6, length(given.count)), '0'),
        'recorded_at', (one.of_them).recorded_at - n * interval '1 minute'
    ))).*
    FROM (SELECT c FROM complaint c LIMIT 1) AS one (of_them), unnest($1::text[]) WITH ORDINALITY AS given (count, n)
    RETURNING id, recorded_at, number
)
INSERT INTO case_trace (complaint_id, at, number_reversed, grams)
SELECT id, recorded_at, reverse(number), (SELECT grams FROM case_trace LIMIT 1) FROM made
"""
PART = "7177"


async def copied(service: Complaints, *counts: int) -> list[str]:
    """Copies of a case with these counts in their numbers, each a minute older than the one before; their numbers."""
    if not await service.database.fetchval("SELECT count(*) FROM case_trace"):
        await service.record(await service.customer("A"))
        await made_findable(service)
    await service.database.execute(_COPIES, [str(count) for count in counts])
    await service.database.execute("VACUUM ANALYZE complaint, case_trace")
    return [f"C20261104-{count:06}" for count in counts]


async def sealed_again(service: Complaints) -> None:
    """Each copy has the words of its original under its own id."""
    vault = service.service.context.words
    rows = await service.database.fetch("SELECT id, words FROM complaint ORDER BY registered_at, recorded_at DESC")
    words = vault.open(rows[0]["words"], rows[0]["id"].bytes)
    for row in rows[1:]:
        sealed = vault.seal(words, row["id"].bytes)
        await service.database.execute("UPDATE complaint SET words = $1 WHERE id = $2", sealed, row["id"])


async def test_a_part_is_found_at_every_place_of_a_count_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        counts = [7177, 71770, 717700, 7177000, 17177000, 71770000, 71777177, 71707, 7717, 17717, 177, 1234717]
        numbers = await copied(service, *counts)
        await sealed_again(service)

        having = [number for number in numbers if PART in number[10:]]
        assert len(having) == 7
        assert await found(service, "/complaints", number_part=PART) == having
        assert await found(service, "/complaints", number_part=PART, sort="oldest") == having[::-1]
        for part in ("71770", "177000", "0717700", "71777177", "1777", "0007", "0000"):
            expected = [number for number in [*numbers] if part in number[10:]]
            got = await found(service, "/complaints", number_part=part)
            assert [number for number in got if number in numbers] == expected, part
        assert await found(service, "/complaints", number_part="717") == [
            number for number in numbers if number.endswith("717")
        ]
        assert await found(service, "/complaints", number_part="4-717700") == [numbers[2]]
        pages, cursor = [], None
        while True:
            place: dict[str, str] = {"cursor": cursor} if cursor else {}
            page = (await service.get("/complaints", number_part=PART, limit=2, **place)).json()
            pages += [each["number"] for each in page["items"]]
            if not (cursor := page["next"]):
                break
        assert pages == having


async def test_a_part_goes_with_every_other_filter_and_concerns_who_asks(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        numbers = await copied(service, 7177, 17177, 27177)
        await sealed_again(service)
        cases = [(await service.get("/complaints", number=number)).json()["items"][0] for number in numbers]
        await service.database.execute(
            "UPDATE complaint SET responsible_id = $1 WHERE number = $2", SALESPERSON, numbers[1]
        )
        await service.database.execute("UPDATE complaint SET state = 'closed' WHERE number = $1", numbers[2])
        asked: dict[str, Any] = {"number_part": PART}

        assert await found(service, "/complaints", **asked, handler_id=str(SALESPERSON)) == [numbers[1]]
        assert await found(service, "/complaints", **asked, state="open") == numbers[:2]
        assert await found(service, "/complaints", **asked, state="closed") == [numbers[2]]
        assert await found(service, "/complaints", **asked, state="answered") == []
        assert await found(service, "/complaints", **asked, q="变色") == numbers
        assert await found(service, "/complaints", **asked, q="变色", state="open") == numbers[:2]
        assert await found(service, "/complaints", **asked, q="漏出") == []
        assert await found(service, "/complaints", **asked, customer_id=cases[0]["customer_id"]) == numbers
        assert await found(service, "/complaints", **asked, store="S-17") == []
        assert (
            await found(service, "/complaints", **asked, due_before=(START + timedelta(days=9)).isoformat())
            == numbers[:2]
        )
        specialist, salesperson = as_role("cs_specialist", SPECIALIST), as_role("salesperson", SALESPERSON)
        assert await found(service, "/complaints", specialist, **asked, mine=True) == [numbers[0], numbers[2]]
        assert await found(service, "/complaints", salesperson, **asked) == [numbers[1]]
        assert await found(service, "/complaints", salesperson, **asked, q="变色") == [numbers[1]]
        assert await found(service, "/complaints", salesperson, number_part="C20261104-02717") == []


async def _buffers_of_a_row(service: Complaints, part: str, order: ListOrder) -> float:
    """Of a first page of 51, once its plan and its pages are known; by the index of a place alone."""
    wanted = Wanted(number_part=part)
    recorded_at, after_id = HEAD_OF_LIST[order]
    values = {
        **values_sought(service.service.context, wanted),
        "now": service.clock.now(),
        "recorded_at": recorded_at,
        "after_id": after_id,
    }
    statement = list_page(wanted, order, 51)
    async with service.database.connection() as connection:
        for way in ("seqscan", "hashjoin", "mergejoin"):  # which few rows in a table invite
            await connection.execute(f"SET enable_{way} = off")
        plans = [
            await connection.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.sql}", *statement.arguments(values)
            )
            for _ in range(2)
        ]
    [explained] = plans[-1] if isinstance(plans[-1], list) else json.loads(plans[-1])
    top = explained["Plan"]
    assert top["Actual Rows"] == 51
    return float((top["Shared Hit Blocks"] + top["Shared Read Blocks"]) / 51)


async def test_more_cases_with_a_part_cost_a_page_no_more(fresh_database: FreshDatabase) -> None:
    """Buffers of a row with 2,560 cases that have the part, at two places, against those with 60 of them."""
    async with complaints(fresh_database) as service:
        sought: tuple[tuple[str, ListOrder], ...] = ((PART, "newest"), (PART, "oldest"), ("177", "newest"))
        counts = [n * 10_000 + 7177 for n in range(1, 31)] + [n * 100_000 + 71770 for n in range(1, 31)]
        await copied(service, *counts)
        few = {each: await _buffers_of_a_row(service, *each) for each in sought if each[0] == PART}
        more = [n * 10_000 + 7177 for n in range(1_000, 3_000)] + [n * 100_000 + 71770 for n in range(400, 900)]
        await copied(service, *more)

        many = {each: await _buffers_of_a_row(service, *each) for each in sought}

        for each, buffers in few.items():
            assert many[each] <= 1.5 * buffers, (each, few, many)
        assert many["177", "newest"] <= 1.5 * few[PART, "newest"]


async def test_each_place_has_an_index_that_is_enough_by_itself(fresh_database: FreshDatabase) -> None:
    """Nothing but the index of a place is read, in its order, before the cases of a page are."""
    async with complaints(fresh_database) as service:
        await copied(service, *range(1_000, 3_000))
        wanted = Wanted(number_part="0123")
        recorded_at, after_id = HEAD_OF_LIST["newest"]
        statement = list_page(wanted, "newest", 51)
        values = {
            **values_sought(service.service.context, wanted),
            "now": service.clock.now(),
            "recorded_at": recorded_at,
            "after_id": after_id,
        }
        async with service.database.connection() as connection:
            await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
            rows = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.arguments(values))
        plan = "\n".join(row[0] for row in rows)
        for place in PLACES:
            assert f"Index Only Scan using case_trace_digits_{place} on" in plan, plan
