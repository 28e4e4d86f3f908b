"""Purchases from files: every good row once, whatever is sent again (domain 2.3, decisions 5 and 13)."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.customers.imports.domain.jobs import Applied, JobTaken
from services.customers.imports.handlers.reading import read
from services.customers.imports.store import jobs, parts, recording
from shared.contracts.customers import CustomerRegistered, PurchaseRecorded, StoreListed, TierChanged
from shared.contracts.worth import LifecycleChanged, SegmentChanged
from shared.ids import new_id
from tests.customers.importing import HEADER, NUMBERED, Done, amounts, csv_of, imported, send, xlsx_of
from tests.customers.network import bought, brand, close, store, tier
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

DAY = "2026-10-05"
LINE = ("S-1", DAY, "12.50")


async def test_rows_become_purchases_with_sums_and_silent_events(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")

        done = await imported(customers, csv_of([LINE, ("S-1", "2026/10/6", "¥1,000"), ("S-1", DAY, 0)]))

        assert (done.state, done.total, done.figures, done.faults) == ("done", 3, (3, 0, 0), [])
        assert await amounts(customers) == [
            ("S-1", DAY, "0.00"),
            ("S-1", DAY, "12.50"),
            ("S-1", "2026-10-06", "1000.00"),
        ]
        [total] = await customers.database.fetch("SELECT month, amount FROM month_total")
        assert tuple(total) == (2026 * 12 + 9, Decimal("1012.50"))
        events = await customers.events(PurchaseRecorded)
        assert all(event.historical and event.aggregate_version == 1 for event in events)
        facts = await customers.facts(PurchaseRecorded)
        assert sorted(fact.amount for fact in facts) == [Decimal("0.00"), Decimal("12.50"), Decimal("1000.00")]
        assert [fact.occurred_at for fact in facts] == sorted(fact.occurred_at for fact in facts)


async def test_an_event_of_an_import_is_that_of_a_single_entry(fresh_database: FreshDatabase) -> None:
    """The statement writes the contract itself: it must say what a purchase through the API says."""
    async with one_service(fresh_database, "customers") as customers:
        id_, brand_id = await store(customers, external_no="S-1"), await brand(customers)
        row = ("S-1", "2026-10-05T09:30:00.25+08:00", "12.5", 'R-1 \\ "x"', str(brand_id))
        await imported(customers, csv_of([row], (*NUMBERED, "brand")))
        moment = datetime.fromisoformat(row[1])
        await bought(customers, id_, "12.50", moment, external_no="R-2", brand_id=brand_id)

        imported_one, single = await customers.facts(PurchaseRecorded)
        events = await customers.events(PurchaseRecorded)

        assert imported_one.external_no == row[3]
        same = {"external_no": None, "purchase_id": id_}
        assert imported_one.model_copy(update=same) == single.model_copy(update=same)
        assert [(event.key, event.topic, event.major) for event in events] == [(str(id_), "crm.customers.v1", 1)] * 2


async def test_the_same_file_again_adds_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        file = csv_of([LINE, LINE, ("S-1", DAY, "7"), LINE])

        first, second = await imported(customers, file), await imported(customers, file)

        assert (first.figures, second.figures) == ((4, 0, 0), (0, 4, 0))
        assert len(await amounts(customers)) == 4
        assert len(await customers.events(PurchaseRecorded)) == 4
        [total] = await customers.database.fetch("SELECT amount FROM month_total")
        assert total["amount"] == Decimal("44.50")


async def test_an_appended_file_adds_what_is_new(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        await imported(customers, csv_of([LINE, LINE]))

        again = await imported(customers, csv_of([LINE, ("S-1", DAY, "3"), LINE, LINE]))

        assert again.figures == (2, 2, 0)
        assert [amount for _, _, amount in await amounts(customers)] == ["12.50", "12.50", "12.50", "3.00"]


@pytest.mark.parametrize("size", [1, 2, 7])
async def test_equal_rows_count_whatever_the_batches(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """After two files each row stands as often as in the file that has it more often."""
    monkeypatch.setattr(recording, "BATCH", size)
    chance = random.Random(size)
    kinds = [f"S-{number} {amount}" for number in range(4) for amount in (1, 2)]
    first, second = (chance.choices(kinds, k=30) for _ in range(2))
    async with one_service(fresh_database, "customers") as customers:
        files = [[(row.split()[0], DAY, row.split()[1]) for row in rows] for rows in (first, second)]
        done = [await imported(customers, csv_of(rows), create_customers=True) for rows in files]

        want = sorted(kind for kind in kinds for _ in range(max(first.count(kind), second.count(kind))))
        assert [f"{number} {Decimal(amount):.0f}" for number, _, amount in await amounts(customers)] == want
        assert done[0].figures == (30, 0, 0)
        assert done[1].figures == (len(want) - 30, 60 - len(want), 0)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_file_in_two_parts_comes_to_the_same(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    """With equal rows, unknown customers, and numbers that rows of both parts claim."""
    monkeypatch.setattr(recording, "BATCH", 7)
    monkeypatch.setattr(parts, "EACH", 1)
    chance = random.Random(3)
    rows = [
        (f"S-{chance.randrange(12):02}", DAY, chance.randrange(3), chance.choice(["", "", f"R-{chance.randrange(30)}"]))
        for _ in range(200)
    ]
    outcomes = []
    for worth in (1_000, 1):
        monkeypatch.setattr(parts, "WORTH", worth)
        async with one_service(fresh_database, "customers") as customers:
            for number in range(10):
                await store(customers, external_no=f"S-{number:02}")
            done = await imported(customers, csv_of(rows, NUMBERED), dry_run=dry_run)
            again = await imported(customers, csv_of(rows, NUMBERED))
            outcomes.append((done.figures, done.faults, again.figures, await amounts(customers)))

    assert outcomes[0] == outcomes[1]
    assert all(outcomes[0][0]), "good, repeated and bad rows"


async def test_a_batch_of_a_job_that_was_taken_over_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        await send(customers, csv_of([LINE]))
        context, holder, other = customers.service.context, new_id(), new_id()
        async with customers.database.connection() as writer:
            job = await jobs.claim(writer, holder, jobs.LEASE_SECONDS, context.uploads)
        assert job is not None
        await read(context, job, holder)

        async with customers.database.transaction() as transaction:
            assert await parts.numbers(transaction, job.id, divided=True) == [0]
            part = await parts.hold(transaction, job.id, 0, holder)
            async with asyncio.timeout(2):  # nobody waits for the batch
                await customers.database.execute("UPDATE import_job SET holder = $1", other)
            with pytest.raises(JobTaken):
                await parts.advance(transaction, job.id, 0, holder, Applied(1, 0, 0, part.place))
        async with customers.database.transaction() as transaction:
            with pytest.raises(JobTaken):
                await parts.hold(transaction, job.id, 0, holder)


async def test_external_numbers_tell_rows_apart(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = await store(customers, external_no="S-1")
        await bought(customers, id_, "5.00", datetime.fromisoformat(f"{DAY}T00:00:00+08:00"), external_no="R-0")
        rows = [
            (*LINE, "R-1"),
            (*LINE, "R-2"),
            (*LINE, "R-1"),
            ("S-1", DAY, "99", "R-2"),
            ("S-1", DAY, "5", "R-0"),
            ("S-1", DAY, "6", "R-0"),
            (*LINE, ""),
        ]

        done = await imported(customers, csv_of(rows, NUMBERED))
        again = await imported(customers, csv_of(rows, NUMBERED))

        reused = "external_no reused with other content"
        assert done.figures == (3, 2, 2)
        assert done.faults == again.faults == [(5, "external_no", reused), (7, "external_no", reused)]
        assert again.figures == (0, 5, 2)
        assert len(await amounts(customers)) == 4


async def test_the_first_row_of_the_file_keeps_a_number_whoever_the_customer_is(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        rows = [("Z", DAY, "1", "R-1"), ("A", DAY, "1", "R-1"), ("Z", DAY, "1", "R-1")]

        done = await imported(customers, csv_of(rows, NUMBERED), create_customers=True)

        assert done.figures == (1, 1, 1)
        assert [fault[0] for fault in done.faults] == [3]
        assert await amounts(customers) == [("Z", DAY, "1.00")]


async def test_unknown_customers_are_bad_rows_unless_they_are_to_be_created(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        file = csv_of([LINE, ("S-2", DAY, "1"), LINE])

        refused = await imported(customers, file)
        created = await imported(customers, file, create_customers=True)

        assert refused.figures == (0, 0, 3)
        assert {fault[1] for fault in refused.faults} == {"customer_no"}
        assert created.figures == (3, 0, 0)
        stores = await customers.facts(StoreListed)
        assert sorted((listed.name, listed.external_no) for listed in stores) == [("S-1", "S-1"), ("S-2", "S-2")]
        registered = await customers.events(CustomerRegistered)
        assert len(registered) == 2
        assert all(event.historical for event in registered)


async def test_a_bad_row_is_left_out_as_a_whole(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        rows = [
            LINE,
            ("S-1", "2026-12-01", "1"),
            ("", "soon", "-1"),
            ("S-1", DAY),
            ("S-1", DAY, "1.005"),
            ("S-1", DAY, "99999999999"),
            ("S\x00-1", DAY, "1"),
            LINE,
        ]

        done = await imported(customers, csv_of(rows), mapping={"amount": "amount", "occurred_at": "occurred_at"})

        assert (done.state, done.total, done.figures) == ("done", 8, (2, 0, 6))
        assert [(row, column) for row, column, _ in done.faults] == [
            (3, "occurred_at"),
            (4, "amount"),
            (4, "customer_no"),
            (4, "occurred_at"),
            (5, ""),
            (6, "amount"),
            (7, "amount"),
            (8, "customer_no"),
        ]
        assert len(await amounts(customers)) == 2


async def test_a_dry_run_finds_the_same_and_writes_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        await imported(customers, csv_of([LINE]))
        rows = [(*LINE, ""), (*LINE, ""), ("S-2", DAY, "1", "R-1"), ("S-1", DAY, "1", "R-1"), ("S-1", "soon", "1", "")]
        file = csv_of(rows, NUMBERED)
        before = await _everything(customers)

        dry = await imported(customers, file, dry_run=True, create_customers=True)

        assert await _everything(customers) == before
        real = await imported(customers, file, create_customers=True)
        assert (dry.figures, dry.faults) == (real.figures, real.faults) == ((2, 1, 2), real.faults)


async def _everything(customers: OneService) -> list[int]:
    tables = ("customer", "archive", "purchase", "month_total", "event_log")
    counts = [await customers.database.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
    return [int(count) for count in counts]


async def test_the_running_month_lifts_at_once_and_silently(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = await store(customers, external_no="S-1")

        await imported(customers, csv_of([("S-1", "2026-11-03", "12000"), ("S-1", "2026-10-03", "12000")]))

        assert await tier(customers, id_) == "A"
        [lifted] = await customers.events(TierChanged)
        assert lifted.historical
        await customers.run_loops("customers.worth")
        told = [*await customers.events(LifecycleChanged), *await customers.events(SegmentChanged)]
        assert [event.historical for event in told] == [True, True, True], "whatever month it is; the last: its place"
        other = await store(customers)
        await bought(customers, other, "50000.00")
        await customers.run_loops("customers.worth")
        places = len(await customers.events(SegmentChanged))
        customers.clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))
        await customers.run_loops("customers.worth")
        customers.clock.forward(timedelta(seconds=2))
        await customers.run_loops("customers.worth")
        told = (await customers.events(SegmentChanged))[places:]
        found = {event.read(SegmentChanged).customer_id: event for event in told}
        assert (found[other].read(SegmentChanged).value, found[other].historical) == ("top", False), (
            "the month has ended"
        )
        assert (found[id_].read(SegmentChanged).value, found[id_].historical) == ("rest", False)


async def test_an_earlier_month_waits_for_its_close(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of([("S-1", "2026-10-03", "12000")]), create_customers=True)

        closed = await close(customers, "2026-10")

        assert (closed["customers"], closed["changed"]) == (1, 1)


async def test_brands_are_named_by_name_or_id(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        id_ = await brand(customers, "high")
        rows = [("S-1", DAY, "1", "雅丽"), ("S-1", DAY, "2", str(id_)), ("S-1", DAY, "3", ""), ("S-1", DAY, "4", "Nix")]

        done = await imported(customers, csv_of(rows, (*HEADER, "brand")))

        assert done.figures == (3, 0, 1)
        kept = await customers.database.fetch("SELECT brand_id, grade FROM purchase ORDER BY amount")
        assert [tuple(row) for row in kept] == [(id_, "high"), (id_, "high"), (None, "mid")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
async def test_csv_as_spreadsheets_save_it(fresh_database: FreshDatabase, encoding: str, separator: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        header = ("客户编号", "日期", "金额")
        mapping = {"customer_no": "客户编号", "occurred_at": "日期", "amount": "金额"}
        file = csv_of([("店一", "2026年10月5日", "12.50")], header, separator).decode().encode(encoding)

        done = await imported(customers, file, mapping=mapping, create_customers=True)

        assert (done.state, done.figures) == ("done", (1, 0, 0))
        assert await amounts(customers) == [("店一", DAY, "12.50")]


async def test_a_workbook_says_the_same_as_its_csv(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        day = datetime(2026, 10, 5)  # noqa: DTZ001  a spreadsheet knows no zones
        book = xlsx_of([(1001, day, 0.1 + 0.2), ("S-1", "2026/10/6", 7), ("", "", ""), (1001, "x", 1)])

        done = await imported(customers, book, create_customers=True)
        again = await imported(customers, csv_of([("1001", DAY, "0.30"), ("S-1", "2026-10-06", "7.00")]))

        assert (done.total, done.figures) == (3, (2, 0, 1))
        assert [fault[:2] for fault in done.faults] == [(5, "occurred_at")]
        assert again.figures == (0, 2, 0)


@pytest.mark.parametrize(
    "file, slug",
    [
        (b"\n\n", "empty-file"),
        (b"\x00\x01\x02\x03" * 100, "binary-file"),
        (b"%PDF-1.7 ...", "binary-file"),
        (csv_of([LINE])[:-1].decode().encode("utf-16")[:-1], "wrong-encoding"),
        (b"PK\x03\x04 no zip at all", "no-workbook"),
        (b"customer_no;amount\nS-1;1\n", "field-without-column"),
        (csv_of([LINE]) + b'S-1,2026-10-05,"1\n', "broken-quotes"),
        (csv_of([LINE]) + b'S-1,2026-10-05,"1"2\n', "broken-quotes"),
        (csv_of([LINE]) + "S-花,2026-10-05,1\n".encode() * 9 + b"S-\xff\xff\n", "wrong-encoding"),
        (csv_of([LINE] * 40_000) + b"S-\xff\xff,2026-10-05,1\n", "wrong-encoding"),
        (csv_of([LINE]) + b"x" * 2_000_000, "line-too-long"),
    ],
)
async def test_a_broken_file_fails_and_writes_nothing(fresh_database: FreshDatabase, file: bytes, slug: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        before = await _everything(customers)

        done = await imported(customers, file, create_customers=True)

        assert (done.state, done.error_slug) == ("failed", slug), done.error
        assert done.error
        assert (done.ok, done.repeated) == (0, 0)
        assert await _everything(customers) == before
        assert await _leftovers(customers) == [0, 0, 0, 0]


async def test_the_line_of_a_wrong_encoding_is_told(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        good = "S-花,2026-10-05,1\n".encode()
        file = b"customer_no,occurred_at,amount\n" + good * 29_998 + b"S-\xff\xff,2026-10-05,1\n" + good

        done = await imported(customers, file, headers={"Accept-Language": "en"})

        assert done.error is not None
        assert "line 30000" in done.error


async def test_nothing_of_an_ended_job_stays_but_its_figures(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done: Done = await imported(customers, csv_of([LINE] * 10), create_customers=True)

        assert done.state == "done"
        assert await _leftovers(customers) == [0, 0, 0, 0]


async def _leftovers(customers: OneService) -> list[int]:
    tables = ("import_chunk", "import_row", "import_reading", "import_part")
    return [int(await customers.database.fetchval(f"SELECT count(*) FROM {table}")) for table in tables]
