"""The languages that people are addressed in."""

from typing import Literal

Language = Literal["zh-CN", "en"]


def language_of(accepted: str | None) -> Language:
    """The language that Accept-Language asks for first among ours; English otherwise."""
    for choice in (accepted or "").lower().split(","):
        name = choice.split(";")[0].strip()
        if name.startswith("zh"):
            return "zh-CN"
        if name.startswith("en"):
            return "en"
    return "en"
