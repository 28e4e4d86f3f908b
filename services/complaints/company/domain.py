"""The company as letters name it: what customers tells of its profile (domain 1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.customers import CompanySignatory


@dataclass(frozen=True, slots=True)
class Company:
    """Names, address, complaint line, languages and signatories of the company; texts by language."""

    names: Mapping[str, str]
    addresses: Mapping[str, str]
    line: str
    languages: Sequence[str]
    signatories: Sequence[CompanySignatory]

    def signed_by(self, departments: Collection[UUID], language: str) -> list[str]:
        """Title and name of who signs: those who always do, and those of the departments that answer for the case."""
        signing = [each for each in self.signatories if each.department_id in (None, *departments)]
        return [f"{each.titles.get(language, '')}  {each.names.get(language, '')}".strip() for each in signing]
