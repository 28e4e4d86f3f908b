"""What messages say, per language, with checked variables; nothing is sent with a hole in it (domain 4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final

FALLBACK: Final = "zh-CN"
LANGUAGES: Final = ("zh-CN", "en")


class HoleInMessage(Exception):
    """Variables are missing or empty; names them, never their values."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body in one language, with {variables}."""

    subject: str
    body: str

    @property
    def variables(self) -> frozenset[str]:
        parts = [*Formatter().parse(self.subject), *Formatter().parse(self.body)]
        return frozenset(name for _, name, _, _ in parts if name is not None)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as its reader sees it."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Template:
    """A message in every language; each language says the same, so it takes the same variables."""

    texts: Mapping[str, Text]

    def __post_init__(self) -> None:
        if set(self.texts) != set(LANGUAGES):
            raise ValueError("a template speaks every language: " + ", ".join(LANGUAGES))
        if len({text.variables for text in self.texts.values()}) != 1:
            raise ValueError("a template takes the same variables in every language")
        if not all(name.isidentifier() for name in self.variables):
            raise ValueError("variables are plain names")

    @property
    def variables(self) -> frozenset[str]:
        return self.texts[FALLBACK].variables

    def render(self, language: str, variables: Mapping[str, str]) -> Rendered:
        """Raises HoleInMessage when a variable is missing or empty."""
        holes = frozenset(name for name in self.variables if not variables.get(name, "").strip())
        if holes:
            raise HoleInMessage(holes)
        spoken = language if language in self.texts else FALLBACK
        text = self.texts[spoken]
        return Rendered(text.subject.format_map(variables), text.body.format_map(variables), spoken)
