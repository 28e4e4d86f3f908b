"""A `Clock` is passed in; nothing else asks the time (architecture, Time)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    Source,
    is_migration,
    local_names,
    python_sources,
    resolved,
    spoken_strings,
)

WALL_CLOCK = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
    "sqlalchemy.func.current_date",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.now",
    "sqlmodel.func.now",
}
MAY_ASK = {
    Path("shared/clock.py"),  # the one place that asks
    Path("shared/auth/tokens.py"),  # token expiry stays on real time, also in rehearsals
}

DATABASE_CLOCK = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)"
    r"|\bcurrent_(?:date|timestamp|time)\b|\blocaltimestamp\b",
    re.IGNORECASE,
)
ON_REAL_TIME = re.compile(r"lease|held_until", re.IGNORECASE)
"""Leases stay on the database's clock, whatever a rehearsal says (decision on time)."""


def asks_the_time(source: Source) -> Iterator[str]:
    names = local_names(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = resolved(node, names)
            if name in WALL_CLOCK:
                yield f"{source.place}:{node.lineno} asks {name}; take a Clock or a moment instead"


def asks_the_database(source: Source) -> Iterator[str]:
    for line, text in spoken_strings(source.tree):
        found = DATABASE_CLOCK.search(text)
        if found and not ON_REAL_TIME.search(text):
            yield (
                f"{source.place}:{line} lets the database say the time ({found.group()}); "
                "pass the moment as a parameter"
            )


def test_nothing_asks_the_machine_for_the_time() -> None:
    sources = [s for s in python_sources("services", "shared", "deploy") if s.path not in MAY_ASK]

    assert [fault for source in sources for fault in asks_the_time(source)] == []


def test_no_service_takes_the_time_from_its_database() -> None:
    sources = [s for s in python_sources("services") if not is_migration(s)]

    assert [fault for source in sources for fault in asks_the_database(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import UTC, datetime\nmoment = datetime.now(UTC)",
        "import datetime as dt\nmoment = dt.datetime.utcnow()",
        "from datetime import date\nday = date.today()",
        "import time\nseconds = time.time()",
        "from time import time as seconds\nvalue = seconds()",
        "import time\nstamp(clock=time.time)",
        "from sqlalchemy import func\nfield(server_default=func.now())",
    ],
)
def test_a_question_for_the_time_is_seen(text: str) -> None:
    assert list(asks_the_time(Source(Path("services/sample.py"), text)))


def test_measuring_a_duration_is_not_asking_the_time() -> None:
    text = "import time\nstarted = time.perf_counter()\nclock.now()"

    assert list(asks_the_time(Source(Path("services/sample.py"), text))) == []


@pytest.mark.parametrize("moment", ["now()", "NOW ( )", "current_timestamp", "clock_timestamp()"])
def test_sql_that_takes_the_time_is_seen(moment: str) -> None:
    text = f'SQL = "update clocks set breached_at = {moment} where id = $1"'

    assert list(asks_the_database(Source(Path("services/sample.py"), text)))


def test_a_lease_may_run_on_the_clock_of_the_database() -> None:
    text = '"""Never now()."""\nSQL = "update jobs set lease_until = now() + $1"'

    assert list(asks_the_database(Source(Path("services/sample.py"), text))) == []
