"""Text as it is kept: one spelling of what looks the same, and nothing that nobody sees (decision 30a).

Names and prose are composed (NFC); identifiers and phone numbers lose their full width as well (NFKC). Invisible format
characters (zero width, direction marks, soft hyphens, byte order marks) are dropped everywhere: they make two stores
of one, and turn a line around where it is shown. The zero-width joiner alone stays in names and prose, where it is
seen: between emoji, and letters of the scripts that it shapes.
"""

import re
import sys
import unicodedata
from typing import Final

_BLANKS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and marks that Unicode has shown as nothing (fillers, joiners), though they are no format characters."""
_FORMAT: Final = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf")
_INVISIBLE: Final = re.compile(f"[{re.escape(_FORMAT + _BLANKS)}]")
_VARIANTS: Final = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""They choose how a character is drawn: a matter of names and prose, where they stay, never of a number."""
_JOINER: Final = "\u200d"
_JOINED: Final = "\u0620-\u06ff\u0900-\u0dff\u2194\u2195\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
_STRAY: Final = re.compile(f"(?<![{_JOINED}]){_JOINER}|{_JOINER}(?![{_JOINED}])")
_SPACES: Final = re.compile(r"\s+")


def fold(text: str) -> str:
    """A name or prose as it is kept: composed, without invisible format characters."""
    if text.isascii():
        return text
    if _JOINER not in text:
        return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    shown = unicodedata.normalize("NFC", _INVISIBLE.sub(lambda met: met[0] if met[0] == _JOINER else "", text))
    joined = unicodedata.normalize("NFC", _STRAY.sub("", shown))
    return joined if joined == text else fold(joined)  # marks may have moved to where one stood


def fold_identifier(text: str) -> str:
    """A number that a system gave, as it is kept and compared: half width, visible, without outer or double spaces."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", _VARIANTS.sub("", _INVISIBLE.sub("", text)))
    return _SPACES.sub(" ", folded).strip()
