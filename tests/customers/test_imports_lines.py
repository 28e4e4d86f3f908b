"""Order, receipt and lines of purchases from files (domain 2.3, decision 13)."""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import product as product_of
from typing import Any

import pytest

from services.customers.imports.domain.goods import line_as, lines_of
from services.customers.imports.domain.troubles import BadLines, Trouble
from shared.contracts.customers import PurchaseLine, PurchaseRecorded, PurchaseReversed
from shared.money import MOST
from tests.customers.importing import HEADER, NUMBERED, Done, csv_of, imported, xlsx_of
from tests.customers.network import BASE, store
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

DAY = "2026-10-05"
ODD = '眼"霜 \\n50'
"""What COPY and JSON write otherwise."""
COSTS = (" ~ 4.00", " ~ 4", "", " ~ 5")
BESIDES = ("order_no", "receipt_no", "lines")
GOODS = f"焕颜精华 @B-17 × 12 = 1200.00； 面膜 X10 x 3\n{ODD}*1=0"
TOLD = [
    PurchaseLine(product="焕颜精华", batch="B-17", quantity=12),
    PurchaseLine(product="面膜 X10", batch=None, quantity=3),
    PurchaseLine(product=ODD, batch=None, quantity=1),
]


async def file(customers: OneService, *rows: Sequence[object], header: Sequence[str] = NUMBERED) -> Done:
    return await imported(customers, csv_of(rows, (*header, *BESIDES)))


async def entries(customers: OneService) -> list[dict[str, Any]]:
    ids = await customers.database.fetch("SELECT id FROM purchase ORDER BY id")
    return [(await customers.http.get(f"{BASE}/purchases/{row['id']}")).json() for row in ids]


async def test_a_purchase_from_a_file_says_its_order_its_receipt_and_its_goods(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        row = ("S-1", DAY, "1250.00", "E-1", "PO-9", "R-3", GOODS)

        done = await imported(customers, xlsx_of([row, ("S-1", DAY, "7", "E-2", "", "", "")], (*NUMBERED, *BESIDES)))

        assert (done.figures, done.faults) == ((2, 0, 0), [])
        [first, second] = sorted(await entries(customers), key=lambda entry: str(entry["external_no"]))
        assert (first["order_no"], first["receipt_no"]) == ("PO-9", "R-3")
        assert [(each["product"], each["batch"], each["quantity"], each["amount"]) for each in first["lines"]] == [
            ("焕颜精华", "B-17", 12, "1200.00"),
            ("面膜 X10", None, 3, None),
            (ODD, None, 1, "0.00"),
        ]
        assert (second["order_no"], second["receipt_no"], second["lines"]) == (None, None, [])
        told = {fact.external_no: fact.lines for fact in await customers.facts(PurchaseRecorded)}
        assert told == {"E-1": TOLD, "E-2": []}
        assert (await imported(customers, xlsx_of([row], (*NUMBERED, *BESIDES)))).figures == (0, 1, 0)


async def test_undoing_takes_the_goods_away_again_and_the_right_file_brings_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        done = await file(customers, ("S-1", DAY, "1250.00", "E-1", "PO-9", "R-3", GOODS))
        assert (await customers.http.post(f"{BASE}/imports/{done.id}/undo")).status_code == 202
        await customers.run_loops()

        [gone] = await customers.facts(PurchaseReversed)
        assert [(line.product, line.quantity) for line in gone.lines] == [
            ("焕颜精华", -12), ("面膜 X10", -3), (ODD, -1),
        ]  # fmt: skip
        assert (await file(customers, ("S-1", DAY, "1250.00", "E-1", "PO-9", "R-3", "面膜 × 3"))).figures == (1, 0, 0)


async def test_what_says_another_receipt_or_other_goods_is_listed_and_what_says_none_is_the_same(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        assert (await imported(customers, csv_of([("S-1", DAY, "5")]))).figures == (1, 0, 0)
        later = await file(customers, ("S-1", DAY, "5", "PO-1", "R-1", "面膜 × 3"), header=HEADER)
        assert later.figures == (0, 1, 0), "what came without them in an earlier release is no second purchase now"

        assert (await file(customers, ("S-1", DAY, "9", "E-1", "PO-1", "R-1", "面膜 × 3"))).figures == (1, 0, 0)
        assert (await imported(customers, csv_of([("S-1", DAY, "9", "E-1")], NUMBERED))).figures == (0, 1, 0)
        others = [("PO-2", "R-1", "面膜×3"), ("PO-1", "R-2", ""), ("", "", "面膜 × 4"), ("PO-1", "R-1", "面膜 x 3")]
        found = [await file(customers, ("S-1", DAY, "9", "E-1", *other)) for other in others]
        assert [[field for _, field, _ in done.faults] for done in found] == [
            ["order_no"],
            ["receipt_no"],
            ["lines"],
            [],
        ]
        assert [done.figures for done in found] == [(0, 0, 1)] * 3 + [(0, 1, 0)]

        costly = [await file(customers, ("S-1", DAY, "6", "E-3", "", "", f"面膜 × 3{cost}")) for cost in COSTS]
        assert [done.figures for done in costly] == [(1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1)]
        assert [field for _, field, _ in costly[-1].faults] == ["lines"]

        twice = await file(customers, ("S-1", DAY, "8", "E-2", "", "R-1", ""), ("S-1", DAY, "8", "E-2", "", "R-2", ""))
        assert (twice.figures, [fault[:2] for fault in twice.faults]) == ((1, 0, 1), [(3, "external_no")])


async def test_of_a_bad_cell_every_line_is_told_that_is_wrong(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        bad = "面膜; 眼霜 × 2; 精华 × 1.5; 精华 × 2 = 1.005; @B-1 × 1"

        done = await imported(customers, csv_of([("S-1", DAY, "9", bad)], (*HEADER, "明细")), mapping={"lines": "明细"})

        assert (done.figures, [(row, column) for row, column, _ in done.faults]) == (
            (0, 0, 1),
            [(2, "明细/1"), (2, "明细/3"), (2, "明细/4"), (2, "明细/5")],
        )
        assert "product × pieces" in done.faults[0][2]
        assert done.job["preview"]["rows"][0]["bad"] == ["lines"]


@pytest.mark.parametrize(
    "text, troubles",
    [
        ("面膜 × 0", {1: Trouble.NOT_PIECES}),
        ("面膜 × 1000001", {1: Trouble.NOT_PIECES}),
        ("面膜 × ３ = -1", {1: Trouble.NEGATIVE}),
        ("面膜 @ × 3", {1: Trouble.NOT_A_LINE}),
        (f"{'长' * 65} × 3; ok × 1", {1: Trouble.TOO_LONG}),
        ("ok × 1; a\x00b × 1", {2: Trouble.FORBIDDEN_CHARACTER}),
    ],
)
def test_a_line_is_taken_whole_or_refused_with_its_reason(text: str, troubles: dict[int, Trouble]) -> None:
    with pytest.raises(BadLines) as refused:
        lines_of(text, MOST)
    assert refused.value.troubles == troubles


def test_a_line_is_read_as_it_was_written() -> None:
    products = [
        "面膜 X10",
        "「焕颜」",
        "「焕颜」精华",
        "「a",
        "b」",
        "a;b",
        "a x b",
        "a@b",
        "@",
        "1=2",
        "a~3",
        "「;」",
        "×",
        "」;「",
    ]
    for product, batch in product_of(products, [None, "B-1", "「", "a×2;", "~"]):
        lines = [(product, batch, 3, Decimal("1.00"), None), (product, batch, 1, None, Decimal("2.50"))]

        read = json.loads(lines_of("; ".join(line_as(*line) for line in lines), MOST))

        assert [(each["product"], each["batch"]) for each in read] == [(product, batch)] * 2
        said = [(each["quantity"], each["amount"], each.get("cost")) for each in read]
        assert said == [(3, "1.00", None), (1, None, "2.50")]


def test_signs_in_names_stay_where_they_were_read_before() -> None:
    [one, two] = json.loads(lines_of("「焕颜」 × 3; 眼~霜 「大」@「B」 × 1 = 2", MOST))
    assert (one["product"], two["product"], two["batch"]) == ("「焕颜」", "眼~霜 「大」", "「B」")
