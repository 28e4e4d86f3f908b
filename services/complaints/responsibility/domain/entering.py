"""What administration proposes by hand, because no clock and no rule finds it (domain 3.4: other violations, steps not
followed)."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

from services.complaints.responsibility.domain.penalties import TAKEN_BACK, WITHOUT_PENALTY, Penalty
from shared.contracts.complaints import CaseKind
from shared.errors import Conflict

RuleByHand: TypeAlias = Literal["other", "steps_not_followed"]
BY_HAND: Final[tuple[RuleByHand, ...]] = get_args(RuleByHand)


class PenaltyStands(Conflict):
    slug = "penalty-stands"
    title = "This rule was found broken already"


class NoPenaltyForKind(Conflict):
    slug = "no-penalty-for-kind"
    title = "A case of this kind costs nobody anything"


class CaseNotCounted(Conflict):
    slug = "case-not-counted"
    title = "What was judged not valid or malicious costs nobody anything"


def check_judged(valid: bool | None, good_faith: bool | None, rule: RuleByHand) -> None:
    """Raises CaseNotCounted for another violation in a case that was judged not valid, or malicious (domain 3.2).

    Steps can have been left out in such a case, too.
    """
    if rule == "other" and (valid is False or good_faith is False):
        raise CaseNotCounted("judge the case anew if it is valid and in good faith after all")


def check_kind(kind: CaseKind) -> None:
    """Raises NoPenaltyForKind for suggestions and enquiries (domain 3.1)."""
    if kind in WITHOUT_PENALTY:
        raise NoPenaltyForKind(f"nothing is proposed because of a {kind}")


def check_new(standing: Iterable[Penalty], round_: int, rule: RuleByHand) -> None:
    """Raises PenaltyStands: each rule counts once a case and round (examples 6)."""
    before = next((each for each in standing if each.place == (round_, rule)), None)
    if before is not None and before.state not in TAKEN_BACK:
        raise PenaltyStands(f"in round {round_} it is {before.state.value} already: each rule counts once a round")


def of_place(standing: Iterable[Penalty], round_: int, rule: RuleByHand) -> Penalty:
    """The penalty of a round by a rule, which is there."""
    return next(each for each in standing if each.place == (round_, rule))
