"""Guidance for talking to complainants (domain 3.5): six steps, eight wrong reactions, three difficult kinds.

It is content that people edit. Of the wrong reactions a text can show some by its words: a draft is checked against
those and gets hints, never a refusal, because only whoever writes it knows what is meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from shared.errors import Invalid

TalkStep: TypeAlias = Literal["listen", "apologise", "say_back", "understand", "make_good", "make_sure"]
WrongReaction: TypeAlias = Literal[
    "apology_only",
    "blaming",
    "unkept_promise",
    "silence",
    "rudeness",
    "dodging",
    "body_language",
    "interrogating",
]
DifficultKind: TypeAlias = Literal["emotional", "insisting", "malicious"]
"""Carried away by feeling; insisting on being right, an expert of the matter; out for gain or harm by trade."""

STEPS: Final[tuple[TalkStep, ...]] = get_args(TalkStep)
WRONG: Final[tuple[WrongReaction, ...]] = get_args(WrongReaction)
KINDS: Final[tuple[DifficultKind, ...]] = get_args(DifficultKind)


class GuidanceIncomplete(Invalid):
    slug = "guidance-incomplete"
    title = "Guidance has each of its entries once, in their order"


@dataclass(frozen=True, slots=True)
class Hint:
    """What of a text looks like a wrong reaction: the words by which it does."""

    reaction: str
    title: str
    advice: str
    words: Sequence[str]


def check_complete(definition: Mapping[str, Any]) -> None:
    """Raises GuidanceIncomplete for an entry that is missing, unknown, twice or out of order."""
    for name, codes in (("steps", STEPS), ("reactions", WRONG), ("kinds", KINDS)):
        if tuple(each["code"] for each in definition[name]) != codes:
            raise GuidanceIncomplete("in this order: " + ", ".join(codes), pointer=f"#/{name}")


def hints(text: str, reactions: Sequence[Mapping[str, Any]]) -> list[Hint]:
    """The reactions that a text shows by its words (`signs`), unless others (`unless`) tell better."""
    said = text.casefold()
    found = []
    for each in reactions:
        words = [sign for sign in each["signs"] if sign.casefold() in said]
        if words and not any(word.casefold() in said for word in each["unless"]):
            found.append(Hint(each["code"], each["title"], each["text"], words))
    return found
