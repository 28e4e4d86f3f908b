"""The fonts of letters on paper, and which characters they can show: a name may have one that neither has."""

import asyncio
from functools import cache
from importlib.resources import files
from typing import Final

FONTS: Final = "pylopdf_fonts_zh_cn"
"""The package that brings them."""
_FILES: Final = ("NotoSerifSC-Regular.otf", "NotoSansSC-Regular.otf")
_LATIN_UNTIL: Final = 0x0530
"""Below: Latin, Greek and Cyrillic, which the font of English letters has too."""


async def unprintable(text: str) -> list[str]:
    """The characters of a text that would be printed as boxes, each once; controls show nothing and are none."""
    rare = dict.fromkeys(each for each in text if ord(each) >= _LATIN_UNTIL and each.isprintable())
    if not rare:
        return []
    known = await asyncio.to_thread(_covered)
    return [each for each in rare if ord(each) not in known]


@cache
def _covered() -> frozenset[int]:
    """What every font of Chinese letters has: a third of a second, once."""
    from fontTools.ttLib import TTFont  # only once a letter is looked at

    covered = []
    for name in _FILES:
        with TTFont(str(files(FONTS) / name), lazy=True) as font:
            covered.append(font.getBestCmap().keys())
    return frozenset(covered[0] & covered[1])
