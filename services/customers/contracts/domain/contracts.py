"""Franchise contracts (domain 2.2): one customer, one brand, one region, from a day on.

What two contracts may not have in common the database refuses by itself, also when two are signed in the same instant;
which of the three rules hold for a contract says the policy in force when it was signed (examples 16).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, get_args
from uuid import UUID

from services.customers.changes.domain import Change
from services.customers.contracts.domain.refusals import (
    ContractDatesRefused,
    ContractEnded,
    CorrectionUnexplained,
    EndingByProcedure,
    EndingStepDone,
    EndingStepSkipped,
    EndingUnderWay,
    NotEnding,
    OwnConfirmation,
)
from services.customers.network.domain import Rule
from shared.auth.principal import ADMINISTRATION, Principal
from shared.contracts.network import EndingStep
from shared.errors import Forbidden

STEPS: Final[tuple[EndingStep, ...]] = get_args(EndingStep)
DOERS: Final[Mapping[EndingStep, tuple[str, ...]]] = {
    "confirm": ("brand_manager", "sales_manager"),
    "approve": ("general_manager", ADMINISTRATION),
    "letter": (ADMINISTRATION,),
    "aftercare": ("brand_manager", "sales_manager", "cs_manager"),
}
"""Step of the ending -> who does it: the brand's department, the company, administration, who cares afterwards."""
LONGEST: Final = timedelta(days=36_600)
EARLIEST: Final = date(1990, 1, 1)
_BY_PROCEDURE: Final = "confirm that the customer gives up the right: POST /customers/v1/contracts/{id}/ending/confirm"


class ContractState(StrEnum):
    """`agreed` before its first day, `ending` while the procedure runs, `ended` from the day on which it ends, and
    `withdrawn` when it was entered by mistake."""

    AGREED = "agreed"
    ACTIVE = "active"
    ENDING = "ending"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NetworkRules:
    """A version of the policy: which rules hold for what is signed from a day on."""

    version: int
    id: UUID
    same_brand: bool
    same_grade: bool
    region_grade: bool
    starts_on: date
    announced_on: date

    def on(self) -> dict[Rule, bool]:
        """Each rule, and whether it holds."""
        return {"same-brand": self.same_brand, "same-grade": self.same_grade, "region-grade": self.region_grade}


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract as it is signed; `ends_on` is the first day on which it holds no more, None: until it is ended."""

    customer_id: UUID
    brand_id: UUID
    region_id: UUID
    starts_on: date
    ends_on: date | None
    external_no: str | None

    def check_dates(self) -> None:
        """Raises ContractDatesRefused."""
        check_dates(self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Done:
    """A step of the ending: by whom and when; `words` is what was said, sealed."""

    step: EndingStep
    by: UUID
    at: datetime
    words: bytes | None = None


@dataclass(frozen=True, slots=True)
class StepAsked:
    """A step of the ending that somebody does, whose customers only they see (None: all). `ends_on` belongs to the
    confirmation: the first day on which the contract holds no more, today unless said; `text` is what was said. Who
    does it `alone` may do everything, and approve what they have confirmed."""

    step: EndingStep
    ends_on: date | None
    text: str | None
    by: UUID
    viewer: UUID | None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody put right of a contract: each field before and after, as text; `reason` is sealed."""

    id: UUID
    contract_id: UUID
    version: int
    made_at: datetime
    made_by: UUID
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    reason: bytes | None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as it stands. `asked_end` is the day on which its ending asks it to end, which counts from the
    approval on."""

    id: UUID
    version: int
    customer_id: UUID
    brand_id: UUID
    region_id: UUID
    starts_on: date
    ends_on: date | None
    external_no: str | None
    policy_version: int
    signed_at: datetime
    signed_by: UUID
    asked_end: date | None
    withdrawn_at: datetime | None
    done: Sequence[Done] = ()

    def state(self, today: date) -> ContractState:
        """On this day of the company."""
        if self.withdrawn_at is not None:
            return ContractState.WITHDRAWN
        if self.ends_on is not None and self.ends_on <= today:
            return ContractState.ENDED
        if self.asked_end is not None:
            return ContractState.ENDING
        return ContractState.AGREED if self.starts_on > today else ContractState.ACTIVE

    @property
    def last_step(self) -> EndingStep | None:
        """The last step of its ending that was done: none is skipped."""
        return STEPS[len(self.done) - 1] if self.done else None

    def did(self, step: EndingStep) -> Done | None:
        return next((each for each in self.done if each.step == step), None)

    def as_signed(self) -> NewContract:
        """What two contracts are compared by."""
        return NewContract(
            self.customer_id, self.brand_id, self.region_id, self.starts_on, self.ends_on, self.external_no
        )

    def with_done(self, done: Done) -> "Contract":
        return replace(self, done=(*self.done, done))

    def check_stands(self) -> None:
        """Raises ContractEnded for one that was withdrawn."""
        if self.withdrawn_at is not None:
            raise ContractEnded("it was withdrawn: it was entered by mistake")

    def check_step(self, step: EndingStep, by: UUID, *, alone: bool) -> None:
        """Raises ContractEnded, EndingStepDone, EndingStepSkipped, or OwnConfirmation."""
        self.check_stands()
        if self.did(step) is not None:
            raise EndingStepDone(f"{step} is done")
        missing = [each for each in STEPS[: STEPS.index(step)] if self.did(each) is None]
        if missing:
            raise EndingStepSkipped("first comes: " + ", ".join(missing), missing)
        confirmed = self.did("confirm")
        if step == "approve" and confirmed is not None and confirmed.by == by and not alone:
            raise OwnConfirmation("somebody else approves what one has confirmed")

    def confirmed(self, ends_on: date) -> "Contract":
        """The contract whose ending has begun; also of one that ended before anybody wrote it down.

        Raises ContractDatesRefused.
        """
        check_dates(self.starts_on, ends_on)
        if self.ends_on is not None and ends_on > self.ends_on:
            raise ContractDatesRefused("it ends before that by itself", pointer="#/ends_on")
        return replace(self, asked_end=ends_on)

    def approved(self) -> "Contract":
        """The contract that ends on the day that was asked for."""
        return replace(self, ends_on=self.asked_end)

    def check_days_stay(self, changes: Iterable[str], today: date) -> None:
        """Raises EndingUnderWay: an ending was confirmed and approved for the days that stand, until it is over."""
        over = self.did("approve") is not None and self.state(today) is ContractState.ENDED
        if self.asked_end is not None and not over and {"starts_on", "ends_on"} & {*changes}:
            raise EndingUnderWay("its days stay while it is being ended; call the ending off before it is approved")

    def corrected(self, changes: Mapping[str, Any]) -> "Contract":
        """The contract with what was entered rightly; what was approved was approved for the right day."""
        after = replace(self, **changes)
        return replace(after, asked_end=after.ends_on) if self.did("approve") is not None else after

    def check_correction(self, after: "Contract", reason: str | None, today: date) -> None:
        """What was entered wrongly is put right with a reason. A contract that would end earlier, or hold no more
        today, is ended: by the procedure. Of one that is over already every day is put right, and it stays over where
        the procedure has ended it.

        Raises CorrectionUnexplained, ContractEnded, EndingByProcedure.
        """
        over = self.state(today) is ContractState.ENDED
        if reason is None and after.as_signed() != replace(self.as_signed(), external_no=after.external_no):
            raise CorrectionUnexplained("say in `reason` what was entered wrongly, and why", pointer="#/reason")
        if over and self.did("approve") is not None and after.state(today) is not ContractState.ENDED:
            raise ContractEnded("it was ended by the procedure, and stays over: sign it anew", pointer="#/ends_on")
        if not over and after.ends_on is not None and (self.ends_on is None or after.ends_on < self.ends_on):
            raise EndingByProcedure(f"{_BY_PROCEDURE} with that day as `ends_on`", pointer="#/ends_on")
        if self.starts_on <= today < after.starts_on:
            raise EndingByProcedure(
                f"it holds today and would not until {after.starts_on}; {_BY_PROCEDURE}", pointer="#/starts_on"
            )

    def check_approved(self) -> None:
        """Raises ContractEnded, EndingStepSkipped: nothing is written of an ending that is not settled."""
        self.check_stands()
        missing = [each for each in STEPS[: STEPS.index("letter")] if self.did(each) is None]
        if missing:
            raise EndingStepSkipped("first comes: " + ", ".join(missing), missing)

    def kept_on(self) -> "Contract":
        """The contract whose ending was called off before it was approved. Raises ContractEnded, NotEnding."""
        self.check_stands()
        if self.asked_end is None or self.did("approve") is not None:
            raise NotEnding("an ending is called off between its confirmation and its approval")
        return replace(self, asked_end=None, done=())


def check_doer(step: EndingStep, caller: Principal) -> None:
    """Raises Forbidden with the roles that do this step of an ending."""
    if not caller.has(*DOERS[step]):
        raise Forbidden(f"{step} is done by: " + ", ".join(DOERS[step]))


IN_HISTORY: Final = ("brand_id", "region_id", "starts_on", "ends_on", "external_no", "withdrawn_at")
"""What the customer's history keeps of a contract."""


def history_of(before: Contract | None, after: Contract) -> list[Change]:
    """What the customer's history keeps of a contract that was signed (there was none before), or changed."""
    return [
        Change(f"contract.{name}", getattr(before, name, None), getattr(after, name), about=after.id)
        for name in IN_HISTORY
        if getattr(before, name, None) != getattr(after, name)
    ]


def corrected_fields(before: Contract, after: Contract) -> dict[str, tuple[str | None, str | None]]:
    """Each field of what was signed that differs, before and after, as text."""
    was, now = asdict(before.as_signed()), asdict(after.as_signed())
    return {name: (_said(was[name]), _said(now[name])) for name in was if was[name] != now[name]}


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def check_dates(starts_on: date, ends_on: date | None) -> None:
    """Raises ContractDatesRefused."""
    if starts_on < EARLIEST:
        raise ContractDatesRefused(f"nothing was signed before {EARLIEST}", pointer="#/starts_on")
    if ends_on is not None and ends_on <= starts_on:
        raise ContractDatesRefused(
            "it holds for a day at least: ends_on is the first day after it", pointer="#/ends_on"
        )
    if ends_on is not None and ends_on - starts_on > LONGEST:
        raise ContractDatesRefused("no contract is that long", pointer="#/ends_on")
