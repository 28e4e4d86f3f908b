"""Text as it is kept: one spelling of what looks the same, and nothing that nobody sees (decision 30a).

Names and prose are composed (NFC); identifiers and phone numbers lose their full width as well (NFKC). Invisible format
characters (zero width, direction marks, soft hyphens, byte order marks) are dropped everywhere: they make two stores
of one, and turn a line around where it is shown.
"""

import re
import sys
import unicodedata
from typing import Final

_INVISIBLE: Final = re.compile(
    "["
    + "".join(map(re.escape, (c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf")))
    + "]"
)
_SPACES: Final = re.compile(r"\s+")


def fold(text: str) -> str:
    """A name or prose as it is kept: composed, without invisible format characters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def fold_identifier(text: str) -> str:
    """A number that a system gave, as it is kept and compared: half width, visible, without outer or double spaces."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", folded).strip()
