"""The company profile (domain 1): what letters and pages say about the company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from shared.errors import Invalid, NotFound
from shared.languages import Language

COMPANY: Final = UUID("01900000-0000-7000-8000-00000000000c")
"""There is one company: the key of what is told of it."""

InLanguages: TypeAlias = Mapping[Language, str]


class ProfileNotSet(NotFound):
    slug = "no-company-profile"
    title = "The company has no profile yet"


class LanguageMissing(Invalid):
    slug = "language-missing"
    title = "Something is not said in every language of the company"


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs in the company's name: for all cases, or for those that a department answers for."""

    names: InLanguages
    titles: InLanguages
    department_id: UUID | None


@dataclass(frozen=True, slots=True)
class Profile:
    """Names, address, complaint line, languages and signatories of the company."""

    version: int
    names: InLanguages
    addresses: InLanguages
    line: str
    languages: Sequence[Language]
    signatories: Sequence[Signatory]

    def check_spoken(self) -> None:
        """Raises LanguageMissing where a text lacks one of the company's languages, or there is no language."""
        texts: dict[str, InLanguages] = {"names": self.names, "addresses": self.addresses}
        for place, each in enumerate(self.signatories):
            texts[f"signatories/{place}/names"] = each.names
            texts[f"signatories/{place}/titles"] = each.titles
        for pointer, text in texts.items():
            missing = [language for language in self.languages if language not in text]
            if missing:
                raise LanguageMissing("say it in " + " and ".join(missing) + " as well", pointer=f"#/{pointer}")
