"""What reply letters are made of (domain 3.5): five parts in order, per channel and language, with checked variables.

A part has wordings, the best first: the first whose variables are all known is taken. The last needs nothing that may
be unknown, so that a draft never has a hole where knowledge is missing; what a letter cannot do without stays to be
filled in by whoever sends it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final, Literal, TypeAlias, get_args

from shared.errors import Invalid
from shared.languages import Language

LetterChannel: TypeAlias = Literal["phone", "sms", "email", "letter"]
"""A script that is read, a short message, an e-mail, a letter on paper."""
LetterPart: TypeAlias = Literal["apology", "solution", "respect", "good", "thanks"]
"""Own the mistake and apologise; how it will be solved; respect the complaint; recall something good; thank."""
Wordings: TypeAlias = Sequence[str]

PARTS: Final[tuple[LetterPart, ...]] = get_args(LetterPart)
KNOWN: Final = {
    "number": "the number of the case",
    "case_subject": "what it is about",
    "recorded_on": "the day on which it was recorded",
    "today": "the day of the letter",
    "line": "the complaint line",
}
"""Always known."""
NEEDED: Final = {
    "solution": "the solution of the round, as it was proposed",
    "company": "the company's name",
    "signatories": "who signs, with their titles",
}
"""A letter that names these cannot do without; a draft says which are missing."""
PERHAPS: Final = {
    "name": "the complainant's name",
    "compensation": "what was given, as it was written down",
    "years": "for how many whole years the store has been a customer",
    "tier": "the customer's tier, A to D",
}
"""Sometimes unknown: a wording that names one has another behind it."""
VARIABLES: Final[Mapping[str, str]] = {**KNOWN, **NEEDED, **PERHAPS}
_HOLE: Final = re.compile(r"[{｛][^{}｛｝\n]{0,40}[}｝]?|[}｝]")
"""A variable or what was meant as one: any brace, also a wide one, also one that is not closed."""


class UnknownVariable(Invalid):
    slug = "unknown-variable"
    title = "The template names a variable that does not exist"


class TemplateHole(Invalid):
    slug = "template-hole"
    title = "Something is left open"


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """How a reply by one channel in one language is worded. `parts` are the five, in their order when read."""

    subject: str
    greeting: Wordings
    parts: Mapping[str, Wordings]
    closing: Wordings

    @classmethod
    def kept(cls, definition: Mapping[str, Any]) -> "ReplyTemplate":
        return cls(**definition)

    def texts(self) -> Iterator[tuple[str, str, bool]]:
        """Each text with its pointer, and whether it is the last wording of its place."""
        yield "#/subject", self.subject, True
        places = {"greeting": self.greeting, **{f"parts/{part}": self.parts[part] for part in PARTS}}
        for place, wordings in {**places, "closing": self.closing}.items():
            for number, text in enumerate(wordings):
                yield f"#/{place}/{number}", text, number == len(wordings) - 1

    def check(self) -> None:
        """Raises UnknownVariable for a variable that does not exist, TemplateHole for a brace without one, and for a
        last wording that needs what may be unknown."""
        for pointer, text, is_last in self.texts():
            named = variables_of(text, pointer)
            if unknown := sorted(named - VARIABLES.keys()):
                raise UnknownVariable(
                    "there is no " + ", ".join(f"{{{name}}}" for name in unknown) + "; there are: "
                    + ", ".join(f"{{{name}}}" for name in VARIABLES), pointer=pointer,
                )  # fmt: skip
            if is_last and (perhaps := sorted(named & PERHAPS.keys())):
                written = ", ".join(f"{{{name}}}" for name in perhaps)
                raise TemplateHole(f"{written} may be unknown: put a wording without behind this one", pointer=pointer)


def variables_of(text: str, pointer: str) -> set[str]:
    """The variables that a text names. Raises TemplateHole where its braces hold none."""
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
    except ValueError:
        raise TemplateHole("a brace is not closed: write a variable as {number}", pointer=pointer) from None
    for name, spec, conversion in fields:
        if not name.isidentifier() or spec or conversion:
            raise TemplateHole(f"{{{name}}} is no variable: write one as {{number}}", pointer=pointer)
    return {name for name, _, _ in fields}


def holes_in(text: str) -> list[str]:
    """What a letter that was written leaves open, as it stands there."""
    return list(dict.fromkeys(_HOLE.findall(text)))


def check_whole(text: str, pointer: str) -> None:
    """Nothing is sent with a hole in it. Raises TemplateHole naming what is left open."""
    if found := holes_in(text):
        raise TemplateHole("fill in " + ", ".join(found) + " before it is sent", pointer=pointer)


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter as it was composed; `missing` are the variables whose places stand open in it still."""

    subject: str
    greeting: str
    parts: Sequence[tuple[LetterPart, str]]
    closing: str
    missing: Sequence[str]

    @property
    def text(self) -> str:
        """The whole letter, a paragraph for each of its places."""
        return "\n\n".join(each for each in (self.greeting, *(text for _, text in self.parts), self.closing) if each)


def compose(template: ReplyTemplate, values: Mapping[str, str], language: Language) -> Composed:
    """The letter of what is known; a place of what is missing keeps its variable."""
    chosen: dict[str, str] = {
        "greeting": _fitting(template.greeting, values),
        **{part: _fitting(template.parts[part], values) for part in PARTS},
        "closing": _fitting(template.closing, values),
    }
    texts = [template.subject, *chosen.values()]
    named = [name for text in texts for name in sorted(variables_of(text, "#"))]
    filled = {name: text.format_map(_Open(values)) for name, text in chosen.items()}
    return Composed(
        subject=template.subject.format_map(_Open(values)),
        greeting=filled["greeting"],
        parts=[(part, _punctuated(filled[part], language)) for part in PARTS],
        closing=filled["closing"],
        missing=list(dict.fromkeys(name for name in named if not values.get(name, "").strip())),
    )


class _Open(dict[str, str]):
    """Values of which one that is missing leaves its variable where it stands."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _fitting(wordings: Wordings, values: Mapping[str, str]) -> str:
    for text in wordings:
        if all(values.get(name, "").strip() for name in variables_of(text, "#") & PERHAPS.keys()):
            return text
    return wordings[-1]


def _punctuated(text: str, language: Language) -> str:
    """What somebody wrote may bring its own full stop: one is enough."""
    stop = "。" if language == "zh-CN" else "."
    return re.sub(r"[。.]\s*" + re.escape(stop), stop, text)
