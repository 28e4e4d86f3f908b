"""What is sought, as statements compare it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from services.complaints.context import Context
from services.complaints.search.domain import (
    LENGTH_OF_PARTS,
    check_part,
    check_text,
    day_sought,
    says,
    says_one,
    where_sought,
)
from services.complaints.search.store import contact_trace
from shared.bigrams import hashes_of
from shared.statement import Scalar

MOST_GRAMS: Final = 24
"""Of a longer text the first ones narrow enough; the rest is verified after unsealing."""
SAMPLE: Final = 4_000
"""The newest cases, by which it is judged how often a bigram occurs."""
OFTEN: Final = 12
"""In so many of them a bigram is frequent: one case of three hundred has it."""
FRESH: Final = timedelta(minutes=10)
"""How long a process judges by the same sample."""
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ABOVE = "\U0010ffff"


_FREQUENT: Final = Scalar(
    """
    SELECT gram FROM (SELECT grams FROM case_trace ORDER BY at DESC, complaint_id DESC LIMIT :sample) AS newest,
        unnest(newest.grams) AS gram
    GROUP BY gram HAVING count(*) >= :often
    """,
    int,
)


@dataclass(frozen=True, slots=True)
class Frequent:
    """The hashes of the bigrams that many cases have, as of a moment."""

    grams: frozenset[int]
    read_at: datetime


async def read_frequent(context: Context) -> Frequent:
    """What the newest cases say often."""
    found = await _FREQUENT.all(context.database, sample=SAMPLE, often=OFTEN)
    return Frequent(frozenset(found), context.clock.now())


async def are_frequent(context: Context, grams: Sequence[int]) -> bool:
    """Whether each of them is in so many cases that the newest ones are found sooner by looking at these."""
    now = context.clock.now()
    kept = await context.cache.get(read_frequent, context, serves=lambda known: now - known.read_at < FRESH)
    return kept.grams.issuperset(grams)


def grams_sought(context: Context, text: str) -> list[int]:
    """The hashes that a case must have which says the text. Raises SearchTooShort."""
    check_text(text)
    return hashes_of(context.traces.digest, [text])[:MOST_GRAMS]


def contact_sought(context: Context, phone: str) -> bytes:
    """The blind index of a phone number in E.164."""
    return contact_trace(context.traces, phone)


def part_sought(part: str, zone: ZoneInfo) -> dict[str, object]:
    """What a part of a number is looked for by: its beginning and the times of a day, from where to where, or its last
    digits and all of it, backwards.

    Raises SearchTooShort.
    """
    check_part(part)
    where = where_sought(part)
    if where in ("anywhere", "end"):
        backwards = part.upper()[::-1]
        return {"digits": backwards[:LENGTH_OF_PARTS], "part": backwards}
    if where == "day":
        return {"beginning": part.upper(), **_day_of(part, zone)}
    return {"lowest": part.upper(), "highest": part.upper() + _ABOVE}


def _day_of(part: str, zone: ZoneInfo) -> dict[str, object]:
    """From when to when the numbers of a day were given; of no day, none."""
    day = day_sought(part)
    if day is None:
        return {"begin": _NEVER, "end": _NEVER}
    return {
        "begin": datetime.combine(day, time(), zone),
        "end": datetime.combine(day + timedelta(days=1), time(), zone),
    }


def verified(context: Context, row: Mapping[str, Any], text: str) -> bool:
    """Whether a case says the text indeed, once it is unsealed: in its words, or in what was said since."""
    if says(orjson.loads(context.words.open(row["words"], UUID(row["id"]).bytes)), text):
        return True
    entries = zip(row["entry_ids"], row["entry_words"], strict=True)
    return says_one((context.words.open(sealed, id_.bytes).decode() for id_, sealed in entries), text)
