"""Levels as they are kept with a policy: JSON, `{"before": […], "after": […]}`, delays in seconds."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

import orjson

from services.complaints.rulebook.domain.levels import USUAL, LevelAfter, LevelBefore, Levels


def read(kept: str | None, usual: Levels = USUAL) -> Levels:
    """The levels; the usual ones where nothing was kept."""
    return usual if kept is None else _made(kept)


@lru_cache(maxsize=256)
def _made(kept: str) -> Levels:
    """Each is made once: many clocks share one."""
    lists = orjson.loads(kept)
    return Levels(
        before=tuple(LevelBefore(**level) for level in lists["before"]),
        after=tuple(LevelAfter(timedelta(seconds=level["seconds"]), level["recipient"]) for level in lists["after"]),
    )


def written(levels: Levels) -> dict[str, Any]:
    """What of levels is kept."""
    return {
        "before": [{"percent": level.percent, "recipient": level.recipient} for level in levels.before],
        "after": [
            {"seconds": int(level.delay.total_seconds()), "recipient": level.recipient} for level in levels.after
        ],
    }
