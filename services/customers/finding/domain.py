"""What a name is found by: its characters, and how a store's sounds in pinyin.

Who types pinyin writes whole syllables (`meirong`), the beginning of one at the end (`meir`), or initials alone (`mr`).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pypinyin import lazy_pinyin

SHORT: Final = 2
LONG: Final = 4
"""Letters of a beginning that are indexed from every syllable on."""
NO_SOUND: Final = ("",)
"""What no name is indexed by."""
_CHINESE: Final = re.compile("[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_TYPED: Final = re.compile("(?=.*[a-z])[a-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Sound:
    """All of a name in pinyin without spaces, a space, its initials; and what it is indexed by."""

    spoken: str
    index: tuple[str, ...]


SILENT: Final = Sound("", ())
"""A name without Chinese characters: it is found as it is written."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What an index must hold of a name that begins a syllable with the query, or has it among its initials."""

    spoken: str
    syllables: tuple[str, ...]
    initials: tuple[str, ...]


NOT_SOUGHT: Final = Sought("", NO_SOUND, NO_SOUND)


def folded(text: str) -> str:
    """A name as it is searched: compatibility forms, case and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def words_of(name: str) -> list[str]:
    """What a name is indexed by: its characters and its pairs of neighbours.

    Two-character words are usual in Chinese, and trigrams do not index them (decision 31).
    """
    text = folded(name)
    return sorted(set(text) | set(_neighbours(text)))


def words_sought(query: str) -> list[str]:
    """What the index must contain for a name that contains the query."""
    text = folded(query)
    return sorted(set(_neighbours(text) or text))


def _neighbours(text: str) -> list[str]:
    return [first + second for first, second in pairwise(text)]


def heard(name: str) -> Sound:
    """How a folded name sounds; characters of several readings by the word they stand in (重庆 is chongqing)."""
    if _CHINESE.search(name) is None:
        return SILENT
    syllables = " ".join(lazy_pinyin(name, errors=_as_written)).split()
    initials = "".join(each[0] for each in syllables)
    return Sound("".join(syllables) + " " + initials, tuple(sorted({*_beginnings(syllables), *_pairs(initials)})))


def sought(query: str) -> Sought:
    """What a folded query would sound like; NOT_SOUGHT where it cannot be pinyin."""
    typed = query.replace("ü", "v").replace("'", "")
    if _TYPED.fullmatch(typed) is None:
        return NOT_SOUGHT
    beginning = typed[: LONG if len(typed) >= LONG else SHORT]
    return Sought(typed, (f"~{beginning}",), tuple(sorted(_pairs(typed))))


def _as_written(other: str) -> str:
    """Latin words and digits within a name are one syllable each."""
    return " ".join(re.findall("[a-z]+|[0-9]+", other))


def _beginnings(syllables: list[str]) -> Iterator[str]:
    rest = "".join(syllables)
    for syllable in syllables:
        yield from (f"~{rest[:length]}" for length in (SHORT, LONG) if len(rest) >= length)
        rest = rest[len(syllable) :]


def _pairs(initials: str) -> set[str]:
    return {f"^{first}{second}" for first, second in pairwise(initials)}
