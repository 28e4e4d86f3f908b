"""Who pays the penalties that are looked at, by what is set, kept or usual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.complaints.responsibility.domain.penalties import Penalty
from services.complaints.responsibility.domain.policies import PenaltyPolicy, of_version
from services.complaints.responsibility.domain.shares import Belonging, Part, PayerShare, parts_of, shares_of


@dataclass(frozen=True, slots=True)
class Sharing:
    """What says who pays: the versions of the policy, the shares set for cases, those kept of penalties that were
    decided before, and where people belong."""

    policies: Sequence[PenaltyPolicy]
    of_cases: Mapping[UUID, Sequence[Part]]
    kept: Mapping[UUID, Sequence[Part]]
    people: Mapping[UUID, Belonging]
    accountable: Mapping[UUID, UUID]
    """By case: whom it is against."""

    def parts(self, penalty: Penalty) -> Sequence[Part]:
        """By how many parts people pay a penalty; what was decided before stays with whom it was."""
        if penalty.id in self.kept:
            return self.kept[penalty.id]
        of_case = self.of_cases.get(penalty.complaint_id, ()) if penalty.complaint_id is not None else ()
        usual = of_version(self.policies, penalty.policy_version).parts
        return parts_of(penalty.rule, penalty.person_id, of_case, self.people, usual)

    def payers(self, penalty: Penalty) -> set[UUID]:
        return {part.staff_id for part in self.parts(penalty)}

    def roles(self, penalty: Penalty) -> set[str]:
        """The roles of those who pay it."""
        return {self.people[id_].role for id_ in self.payers(penalty) if id_ in self.people}

    def shares(self, penalty: Penalty) -> list[PayerShare]:
        """What each pays of it."""
        of_case = self.accountable.get(penalty.complaint_id) if penalty.complaint_id is not None else None
        return shares_of(penalty.id, penalty.amount, self.parts(penalty), penalty.person_id, of_case, self.people)
