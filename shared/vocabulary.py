"""The words in which a service's OpenAPI description says what things are: each once, however often it stands there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, get_args


@dataclass(frozen=True, slots=True)
class Choice:
    """A closed list of values: a `Literal`, and what it is a choice of."""

    literal: Any
    says: str

    @property
    def values(self) -> tuple[object, ...]:
        return tuple(get_args(self.literal))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a service's description says beside what stands in its models (`shared/http/wording.py` puts it there)."""

    about: str = ""
    """What the service is for, in Markdown."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag -> what its operations are about; in this order they are shown."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """Name -> the values that have it."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Property or parameter -> what it is; a model -> the same. `Model.property`, `operation.parameter`, then the like
    with a star (`Touch*.kind`) stand before the bare word."""

    def word(self, of: str, name: str) -> str | None:
        """What the property of a model, or the parameter of an operation, is; None when nobody has said it."""
        place = f"{of}.{name}"
        alike = (word for word in self.words if "*" in word and fnmatchcase(place, word))
        return self.words.get(place) or self.words.get(max(alike, key=len, default=name))

    def with_(self, other: "Vocabulary") -> "Vocabulary":
        """Both; where both say something, the other one holds."""
        return Vocabulary(
            other.about or self.about,
            {**self.tags, **other.tags},
            {**self.choices, **other.choices},
            {**self.words, **other.words},
        )
