"""Judging a case (domain 3.2): valid or not, in good faith or malicious, with reasons."""

from dataclasses import dataclass

from services.complaints.cases.domain import Case
from services.complaints.history.domain import Scalar, changed


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a case is found to be; a malicious one is not in good faith."""

    valid: bool
    good_faith: bool

    def of(self, case: Case) -> Case:
        """The case as judged; a later judgement goes over an earlier one."""
        return case._replace(valid=self.valid, good_faith=self.good_faith)

    def changes(self, before: Case) -> dict[str, dict[str, Scalar]]:
        """What it makes of how the case was judged before."""
        return changed(valid=(before.valid, self.valid), good_faith=(before.good_faith, self.good_faith))
