"""A thousand replies as PDF, set in the background while people go on working.

    python -m bench.letters

Everything runs in one process, as `make run` has it. Cases are recorded and answered by the API; then a job is asked
for, and while it is set the list of cases is asked for twenty times a second, as it was just before. `BENCH_LETTERS`
makes it smaller.
"""

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from pypdf import PdfReader

from bench.latency import p99_until
from bench.results import Result, save

LETTERS: Final = int(os.environ.get("BENCH_LETTERS", "1000"))
MAY_TAKE: Final = 300.0
"""Seconds."""
BEFORE: Final = 20.0
"""Seconds for which the list is asked for without a job."""
AT_ONCE: Final = 8
STEPS: Final = ("investigate", "propose", "execute", "inspect", "settle")
TEXT: Final = "\n\n".join(
    (
        "尊敬的顾客：",
        "您反映的问题，我们已经查清：这是我们的过错。给您添了麻烦，我们诚恳地向您道歉。",
        "我们这样解决：三日内更换同款面霜，并由业务经理上门说明。",
        "您直言相告，是对我们的信任。您的意见我们逐字读过，并已用来改进我们的工作。",
        "您与我们同行已有五年，一路的信任与支持，我们始终铭记在心。",
        "感谢您的指正与宽容。若您仍有不满意之处，请随时拨打投诉热线，昼夜有人接听。",
        "行政部  陈静\n2026年11月4日",
    )
)


def main() -> None:
    """Fills an installation, and measures a job and what it costs the others."""
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder)) as (url, token):
        asyncio.run(_measured(url, token))


@contextmanager
def installation(folder: Path) -> Iterator[tuple[str, str]]:
    """All in one on an empty folder: its address, and a token for everything."""
    output = folder / "out.log"
    command = [sys.executable, "-m", "crm", "run", "--port", "0", "--data", str(folder / "data")]
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        yield _ready(process, output), json.loads((folder / "data" / "tokens.json").read_text())["admin"]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _ready(process: subprocess.Popen[bytes], output: Path) -> str:
    for _ in range(600):
        assert process.poll() is None, output.read_text()
        if found := re.search(r"is ready at (http://127\.0\.0\.1:\d+)", output.read_text()):
            return found[1]
        time.sleep(0.5)
    raise AssertionError("it is not ready: " + output.read_text())


async def _measured(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{url}/complaints/v1", headers=headers, timeout=120) as http:
        began = time.monotonic()
        await _filled(http)
        print(f"{LETTERS:,} replies wait for the printer after {time.monotonic() - began:,.0f} s", flush=True)
        before = await p99_until(http, "complaints", asyncio.create_task(asyncio.sleep(BEFORE)))
        job = (await _post(http, "letters/print"))["id"]
        watching = asyncio.create_task(_watched(http, job))
        during = await p99_until(http, "complaints", watching)
        taken = await watching
        await _checked(http, job)
    save(
        "letters",
        [
            Result(f"letters: {LETTERS:,} as PDF", "letters", taken, MAY_TAKE, "s", 1.0, smaller_is_better=True),
            Result(
                "letters: list meanwhile, p99 / before", "letters", during, before, "ms", 2.0, smaller_is_better=True
            ),
        ],
    )


async def _watched(http: httpx.AsyncClient, job: str) -> float:
    """Seconds until the job is done."""
    began = time.monotonic()
    while (state := (await http.get(f"/letters/print/{job}")).json())["state"] == "running":
        print(f"  {state['done']:,} of {state['total']:,}", flush=True)
        await asyncio.sleep(2)
    assert state["state"] == "done", state
    return time.monotonic() - began


async def _filled(http: httpx.AsyncClient) -> None:
    """So many cases with everything done but the posting."""
    left = iter(range(LETTERS))

    async def work() -> None:
        for number in left:
            body = {
                "complainant": {"name": f"顾客{number}", "contact": "someone@example.com"},
                "kind": "complaint",
                "subject": "product",
                "against": {"type": "product", "name": "面霜"},
                "text": "开封后变色",
                "channel": "line",
            }
            id_ = (await _post(http, "complaints", body))["id"]
            for step in STEPS:
                await _post(http, f"complaints/{id_}/steps/{step}", {"text": "已办"})
            await _post(http, f"complaints/{id_}/reply", {"text": TEXT, "channel": "letter"})

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _post(http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    while True:
        answer = await http.post(f"/{path}", json=body)
        if answer.status_code not in (429, 503):
            assert answer.is_success, answer.text
            return dict(answer.json())
        await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))


async def _checked(http: httpx.AsyncClient, job: str) -> None:
    """Every letter is there, on a page of its own."""
    content = (await http.get(f"/letters/print/{job}/file")).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pages = sum(len(PdfReader(io.BytesIO(archive.read(name))).pages) for name in archive.namelist())
    assert pages == LETTERS, pages
    print(f"  {len(content) / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
