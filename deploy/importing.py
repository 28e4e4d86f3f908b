"""`crm import`: uploads a file, follows the job, and shows how the file was read and what is to be looked at."""

import csv
import mimetypes
import time
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

LOOK_EVERY = 0.3
MOMENTS = ("occurred_at", "registered_at")
"""The fields that hold moments."""
MOST_LISTED = 20
"""Bad rows, and those with a warning, that are shown."""


def import_through_api(http: httpx.Client, file: Path, said: Mapping[str, str], console: Console) -> dict[str, Any]:
    """The job as it ended; `said` are the fields of the form. Raises httpx.HTTPStatusError with the problem."""
    with file.open("rb") as stream:
        answer = http.post(
            "/customers/v1/imports",
            files={"file": (file.name, stream, mimetypes.guess_type(file.name)[0] or "text/csv")},
            data=dict(said),
            timeout=300,
        )
    if answer.is_error:
        raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
    return _follow(http, answer.json()["id"], console)


def _follow(http: httpx.Client, job_id: str, console: Console) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("import", total=None)
        while True:
            job: dict[str, Any] = http.get(f"/customers/v1/imports/{job_id}").raise_for_status().json()
            done = job["rows_ok"] + job["rows_repeated"] + job["rows_bad"]
            progress.update(task, completed=done, total=job["rows_total"] or None, description=job["state"])
            if job["state"] in ("done", "failed"):
                return job
            time.sleep(LOOK_EVERY)


def show(http: httpx.Client, job: Mapping[str, Any], console: Console) -> None:
    """The preview of a dry run or of a file that could not be read, warnings, and the first rows that are listed."""
    preview = job["preview"]
    if preview and (job["dry_run"] or job["state"] == "failed"):
        _show_preview(preview, console)
    for warning in job["warnings"]:
        console.print(warning, markup=False)
    if job["rows_bad"] or job["rows_warned"]:
        _show_listed(http, job, console)


def _show_preview(preview: Mapping[str, Any], console: Console) -> None:
    names = {"encoding": "encoding", "delimiter": "separator", "sheet": "sheet", "date_format": "dates"}
    found = [f"{name} {preview[key]!r}" for key, name in names.items() if preview[key]]
    console.print(f"read as: {', '.join(found) or 'plain text'}", markup=False)
    for candidate in preview["candidates"]:
        console.print(f"  {candidate['encoding']}: {candidate['reads']}", markup=False)
    fields = list(dict.fromkeys(field for row in preview["rows"] for field in row["values"]))
    table = Table("row", *fields)
    for row in preview["rows"]:
        table.add_row(str(row["row"]), *(_plain(_told(row, field)) for field in fields))
    if fields:
        console.print(table)


def _told(row: Mapping[str, Any], field: str) -> str:
    """A cell as it is understood; a moment as the clock here shows it, so that the file's days are recognised."""
    cell: str = row["values"].get(field, "")
    if field in row["bad"]:
        return f"{cell} (bad)"
    return str(datetime.fromisoformat(cell).astimezone()) if cell and field in MOMENTS else cell


def _show_listed(http: httpx.Client, job: Mapping[str, Any], console: Console) -> None:
    table = Table("row", "column", "reason")
    with http.stream("GET", f"/customers/v1/imports/{job['id']}/errors") as answer:
        lines = csv.reader(f"{line}\n" for line in answer.iter_lines())
        for cells in islice(lines, 1, MOST_LISTED + 1):
            table.add_row(*map(_plain, cells))
    console.print(table)
    console.print(f"all of them: /customers/v1/imports/{job['id']}/errors", markup=False)


def _plain(text: str) -> str:
    """Brackets of a file's text are no markup."""
    return text.replace("[", "\\[")
