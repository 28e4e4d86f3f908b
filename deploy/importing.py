"""`crm import`: uploads a file and follows the job."""

import mimetypes
import time
from pathlib import Path
from typing import Any

import httpx
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LOOK_EVERY = 0.3


def import_through_api(
    http: httpx.Client, file: Path, *, kind: str, mapping: str, dry_run: bool, create_customers: bool
) -> dict[str, Any]:
    """The job as it ended. Raises httpx.HTTPStatusError with the problem when the upload is refused."""
    with file.open("rb") as stream:
        answer = http.post(
            "/customers/v1/imports",
            files={"file": (file.name, stream, mimetypes.guess_type(file.name)[0] or "text/csv")},
            data={
                "kind": kind,
                "mapping": mapping,
                "dry_run": str(dry_run).lower(),
                "create_customers": str(create_customers).lower(),
            },
            timeout=300,
        )
    if answer.is_error:
        raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
    return _follow(http, answer.json()["id"])


def _follow(http: httpx.Client, job_id: str) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("import", total=None)
        while True:
            job: dict[str, Any] = http.get(f"/customers/v1/imports/{job_id}").raise_for_status().json()
            done = job["rows_ok"] + job["rows_repeated"] + job["rows_bad"]
            progress.update(task, completed=done, total=job["rows_total"] or None, description=job["state"])
            if job["state"] in ("done", "failed"):
                return job
            time.sleep(LOOK_EVERY)
