"""By what a case is found: its words, a part of its number, and how its complainant or its customer is reached."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from shared.bigrams import folded
from shared.errors import Invalid

SHORTEST: Final = 2
"""Characters of a text that is sought: bigrams know of no shorter one."""
SHORTEST_END: Final = 3
"""Characters of the end of a number: one of a thousand cases has it."""
SHORTEST_PART: Final = 4
"""Digits that are sought anywhere in the count of a number; of fewer only an end is."""
LENGTH_OF_PARTS: Final = 4
"""Digits of a count that stand together in an index."""
LEAST_OF_A_COUNT: Final = 6
MOST_OF_A_COUNT: Final = 8
"""Digits of the longest count in a number: a hundred million cases."""
PLACES: Final = range(1, MOST_OF_A_COUNT - LENGTH_OF_PARTS + 2)
"""Where so many digits stand in a count, from its end: 1 is the end."""
DAY_OF_NUMBER: Final = len("C20261104")
"""Characters of the beginning of a number: those of a day."""
NARROW: Final = len("C20261104-00012")
"""Characters of a beginning that few numbers of a day have."""
_NOT_SEARCHED: Final = frozenset({"contact"})
"""Where somebody is reached is found by a blind index alone, and only as a whole."""


class SearchTooShort(Invalid):
    slug = "search-too-short"
    title = "There is too little to search by"


def texts_of(words: Mapping[str, Any]) -> Iterable[str]:
    """Every text among the sealed words of a case but contacts, however deep it stands."""
    for name, value in words.items():
        if isinstance(value, str) and name not in _NOT_SEARCHED:
            yield value
        elif isinstance(value, Mapping):
            yield from texts_of(value)


def contact_of(words: Mapping[str, Any]) -> str | None:
    """Where the answer reaches whoever complains; None where the customer stands for that."""
    complainant = words.get("complainant") or {}
    contact: str | None = complainant.get("contact")
    return contact


def says(words: Mapping[str, Any], sought: str) -> bool:
    """Whether one of the texts among the words contains what is sought."""
    return says_one(texts_of(words), sought)


def check_text(sought: str) -> None:
    """Raises SearchTooShort."""
    if len(folded(sought)) < SHORTEST:
        raise SearchTooShort(f"a text has at least {SHORTEST} characters", pointer="query/q")


def check_part(part: str) -> None:
    """Of a number its beginning, from the day on, or a part of the rest. Raises SearchTooShort."""
    if len(part) < (DAY_OF_NUMBER if begins(part) else SHORTEST_END):
        raise SearchTooShort(
            f"give the beginning of a number with its day, such as C20261104, or at least {SHORTEST_END} of its last "
            f"characters, or {SHORTEST_PART} of any",
            pointer="query/number_part",
        )


def where_sought(part: str) -> Literal["day", "beginning", "end", "anywhere"]:
    """Where in a number a part of it is sought."""
    if begins(part):
        return "beginning" if len(part) >= NARROW else "day"
    return "anywhere" if len(part) >= SHORTEST_PART and part.isdigit() else "end"


def places_of(part: str) -> tuple[Sequence[int], Sequence[str]]:
    """At which places of a count a part is looked for, and by which digits beside its own, where it has too few."""
    endings = tuple("0123456789") if len(part) < LENGTH_OF_PARTS else ("",)
    if where_sought(part) == "end":
        return (1,), endings
    return PLACES[: max(1, MOST_OF_A_COUNT - len(part) + 1)], endings


def day_sought(part: str) -> date | None:
    """The day with which a number begins; None where that is none."""
    try:
        return date.fromisoformat(part[1:DAY_OF_NUMBER])
    except ValueError:
        return None


def begins(part: str) -> bool:
    """Whether a part of a number is its beginning."""
    return part.upper().startswith("C")


def says_one(texts: Iterable[str], sought: str) -> bool:
    """Whether one of the texts contains what is sought, wherever its case, width and spaces differ."""
    wanted = folded(sought)
    return any(wanted in folded(text) for text in texts)
