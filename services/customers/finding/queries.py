"""Which way a part of a name is found by: by an index, or by looking at stores one after the other.

What stands in many names (美容 in half of all) the index gives with every store that has it before the first ones can
be chosen; so many are met on the way that looking at them in the order of the page is sooner done. The planner cannot
judge that: it knows how often pairs of characters occur, and takes those of a word for independent of each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.customers.context import Context
from services.customers.finding.domain import folded, sought, words_sought
from services.customers.finding.store import LEGAL
from shared.statement import Statement
from shared.texts import fold_identifier

SAMPLE: Final = 4_000
"""The newest stores, by which it is judged how often something occurs."""
OFTEN: Final = 6
"""In the names of so many of them it is frequent: those who are walked past have a page of it."""
FRESH: Final = timedelta(minutes=10)
"""How long a process judges by the same sample."""

_NEWEST: Final = Statement(
    "SELECT concat(folded, ' ', {legal}) AS name, coalesce(sound, '') AS sound, "
    "ARRAY(SELECT lower(g.tag) FROM customer_tag g WHERE g.customer_id = archive.customer_id) AS tags FROM archive "
    "ORDER BY customer_id DESC LIMIT :sample",
    legal=LEGAL,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What some stores are called, trading and legal names folded, how that sounds, and their tags, as of a moment."""

    names: Sequence[str]
    sounds: Sequence[str]
    tags: Sequence[Sequence[str]]
    read_at: datetime

    def having(self, said: str, spoken: str, tag: str) -> int:
        """How many say it, sound like it if it can be spoken, or have a tag that begins with it."""
        named = sum(said in name for name in self.names)
        named += sum(any(each.startswith(tag) for each in tags) for tags in self.tags)
        return named + (sum(spoken in sound for sound in self.sounds) if spoken else 0)


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
    sample = await context.cache.get(_read_sample, context, serves=lambda known: now - known.read_at < FRESH)
    return sample.having(values["folded"], values["spoken"], values["query"].lower()) >= OFTEN


async def _read_sample(context: Context) -> Sample:
    found = await _NEWEST.all(context.database, sample=SAMPLE)
    names, sounds, tags = ([row[each] for row in found] for each in ("name", "sound", "tags"))
    return Sample(names, sounds, tags, context.clock.now())
