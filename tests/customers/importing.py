"""Speaking with imports in tests: files from rows, uploads, and what came of them."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import xlsxwriter

from tests.customers.network import BASE
from tests.support import OneService

HEADER = ("customer_no", "occurred_at", "amount")
NUMBERED = (*HEADER, "external_no")


@dataclass(frozen=True)
class Done:
    """An import after its end."""

    id: str
    state: str
    total: int
    ok: int
    repeated: int
    bad: int
    error: str | None
    error_slug: str | None
    faults: list[tuple[int, str, str]]
    job: dict[str, Any]

    @property
    def figures(self) -> tuple[int, int, int]:
        """Rows that are in, that were in before, that are bad."""
        return self.ok, self.repeated, self.bad


def csv_of(rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER, separator: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([header, *rows])
    return text.getvalue().encode()


def xlsx_of(rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
    return file.getvalue()


async def send(
    customers: OneService,
    content: bytes,
    kind: str = "purchases",
    *,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    **others: bool | str,
) -> httpx.Response:
    """POST imports."""
    data: dict[str, Any] = {"kind": kind}
    data |= {name: said if isinstance(said, str) else str(said).lower() for name, said in others.items()}
    if mapping is not None:
        data["mapping"] = json.dumps(mapping)
    if defaults is not None:
        data["defaults"] = json.dumps(defaults)
    return await customers.http.post(
        f"{BASE}/imports", files={"file": ("file", content)}, data=data, headers=dict(headers or {})
    )


async def imported(customers: OneService, content: bytes, kind: str = "purchases", **how: Any) -> Done:
    """What came of a file after the worker had its turn."""
    answer = await send(customers, content, kind, **how)
    assert answer.status_code == 202, answer.text
    await customers.run_loops()
    return await found(customers, answer.json()["id"])


async def found(customers: OneService, id_: str) -> Done:
    job = (await customers.http.get(f"{BASE}/imports/{id_}")).json()
    listed = (await customers.http.get(f"{BASE}/imports/{id_}/errors")).text
    header, *rows = csv.reader(io.StringIO(listed))
    assert header == ["row", "column", "reason"]
    return Done(
        id_,
        job["state"],
        job["rows_total"],
        job["rows_ok"],
        job["rows_repeated"],
        job["rows_bad"],
        job["error"],
        job["error_slug"],
        [(int(row), column, reason) for row, column, reason in rows],
        job,
    )


async def amounts(customers: OneService) -> list[tuple[str, str, str]]:
    """Every purchase as (customer's number, day in Shanghai, amount), in order."""
    rows = await customers.database.fetch(
        "SELECT a.external_no, (p.occurred_at AT TIME ZONE 'Asia/Shanghai')::date::text AS day, p.amount::text "
        "FROM purchase p JOIN archive a USING (customer_id) ORDER BY 1, 2, 3"
    )
    return [(row["external_no"], row["day"], row["amount"]) for row in rows]
