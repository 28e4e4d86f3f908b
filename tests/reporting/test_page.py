"""The operations page in a browser: who has signed out, or was not admitted, sees nothing of the board any more."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

import pytest

from services.reporting.live.api.page import PAGE

BROWSER: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
STORE = "Orchid"
BACKEND = """<script>
const BOARD = { now: "2026-11-04T01:00:00Z", month: "2026-11", shown: 5, open: 1, overdue: 0, due_soon: 0, paused: 0,
  queue: [{ id: "1", number: "C-1", subject: "other", tier: "A", customer_id: "2", customer_name: "STORE", round: 1,
    responsible_id: null, responsible_name: null, began_at: "2026-11-04T00:00:00Z", escalation_level: 0,
    answer_due_at: "2026-11-04T04:00:00Z" }] };
const said = (path) => path.includes("/board") ? BOARD : { share_in_time: "0.5000" };
window.fetch = (path) => new Promise((done) => setTimeout(() => done(
  { ok: true, json: async () => said(path), body: new ReadableStream({ start() {} }) }), 500));
</script>""".replace("STORE", STORE)
"""Answers everything, each question after half a second."""
PERSON = """<script>
setTimeout(() => { byId("token").value = "a token"; byId("enter").requestSubmit(); }, 100);
setTimeout(() => { if (LEAVES) byId("leave").click(); }, LEAVES);
</script></body>"""


async def _shown(folder: Path, leaves: int) -> str:
    """The page after four seconds (of its own time) for who signs in at 100 ms and out at `leaves`, if ever."""
    page = folder / "page.html"
    page.write_text(
        PAGE.replace("<script>", BACKEND + "<script>", 1).replace("</body>", PERSON.replace("LEAVES", str(leaves))),
        encoding="utf-8",
    )
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}")
    process = await asyncio.create_subprocess_exec(
        str(BROWSER),
        *options,
        "--virtual-time-budget=4000",
        "--dump-dom",
        page.as_uri(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    printed, _ = await process.communicate()
    return printed.decode()


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium to open the page in")
@pytest.mark.parametrize(
    "leaves, seen",
    [
        pytest.param(0, True, id="who stays sees the queue"),
        pytest.param(300, False, id="who leaves while the page looks sees nothing"),
        pytest.param(2_000, False, id="who leaves later sees nothing more"),
    ],
)
async def test_the_board_is_there_while_somebody_is_signed_in(tmp_path: Path, leaves: int, seen: bool) -> None:
    shown = await _shown(tmp_path, leaves)

    assert 'id="enter"' in shown, "the browser has shown the page"
    assert (f"<b>{STORE}</b>" in shown) is seen
    assert ('<main id="board" hidden' in shown) is not seen
