"""Which way a part of a name is found by: by an index, or by looking at stores one after the other.

Where all of what the index would be asked is frequent (美容 stands in half of all names), the index gives every store
that has it before the first ones can be chosen; so many are met on the way that looking at them in the order of the
page is sooner done. The planner cannot judge that: it takes the pairs of a word for independent of each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.customers.context import Context
from services.customers.finding.domain import NOT_SOUGHT, folded, sought, words_sought
from shared.statement import Scalar
from shared.texts import fold_identifier

SAMPLE: Final = 4_000
"""The newest stores, by which it is judged how often something occurs."""
OFTEN: Final = 12
"""In so many of them it is frequent: one of three hundred has it."""
FRESH: Final = timedelta(minutes=10)
"""How long a process judges by the same sample."""

_FREQUENT: Final = Scalar(
    """
    SELECT word FROM (SELECT words, sounds FROM archive ORDER BY customer_id DESC LIMIT :sample) AS newest,
        unnest(newest.words::text[] || newest.sounds) AS word
    GROUP BY word HAVING count(*) >= :often
    """,
    str,
)


@dataclass(frozen=True, slots=True)
class Frequent:
    """What many stores have in their names, or sound like, as of a moment."""

    words: frozenset[str]
    read_at: datetime


def values_sought(query: str, traces: Sequence[bytes]) -> dict[str, Any]:
    """What `SAID` and `MET` compare; `traces` are those of a phone, an e-mail or a full name that the query may be."""
    said = folded(query)
    sound = sought(said)
    return {
        "query": fold_identifier(query),
        "words": words_sought(query),
        "folded": said,
        "syllables": list(sound.syllables),
        "initials": list(sound.initials),
        "spoken": sound.spoken,
        "traces": traces,
    }


async def are_met_often(context: Context, values: Mapping[str, Any]) -> bool:
    """Whether the first stores that say or sound it are found sooner by looking at one after the other."""
    now = context.clock.now()
    kept = await context.cache.get(_read_frequent, context, serves=lambda known: now - known.read_at < FRESH)
    ways = [values["words"]]
    if values["spoken"] != NOT_SOUGHT.spoken:
        ways += [values["syllables"], values["initials"]]
    return any(way and kept.words.issuperset(way) for way in ways)


async def _read_frequent(context: Context) -> Frequent:
    found = await _FREQUENT.all(context.database, sample=SAMPLE, often=OFTEN)
    return Frequent(frozenset(found), context.clock.now())
