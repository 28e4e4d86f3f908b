"""What may be sent to whom: choices per channel and purpose, and what holds without one (decision 24)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from services.care.messages.domain import Purpose
from shared.errors import Invalid


class Means(StrEnum):
    """The channels that a choice can be about (domain 2.1); `profiling` is a use of data rather than a way."""

    SMS = "sms"
    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    PROFILING = "profiling"


class Basis(StrEnum):
    """Why something is allowed or not."""

    ALWAYS = "always"
    BUSINESS_NUMBER = "business_number"
    CONSENT = "consent"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"


class ProofForm(StrEnum):
    """By what it can be shown that a customer said so."""

    PAPER = "paper"
    RECORDING = "recording"
    WEB_FORM = "web_form"
    MESSAGE = "message"
    SPOKEN = "spoken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How it can be shown what a customer said (domain 2.1): by what, where it was given, who took it and when, and the
    version of the text that they were shown. `taken_by` is None where nobody of the staff was there."""

    form: ProofForm
    place: str
    text_version: str
    taken_at: datetime
    taken_by: UUID | None = None


class ProofOfTomorrow(Invalid):
    slug = "proof-of-tomorrow"
    title = "A proof cannot be of later than now"


def check_taken(proof: Proof | None, now: datetime) -> None:
    """Raises ProofOfTomorrow."""
    if proof is not None and proof.taken_at > now:
        raise ProofOfTomorrow("say when the customer said so: now or before", pointer="#/proof/taken_at")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a customer said; `by` is the staff member who recorded it, None for the customer's own hand.

    `source` is in whose words or by what paper it was given, `proof` how that can be shown: both of the history alone,
    because nothing is decided by them.
    """

    granted: bool
    at: datetime
    source: str | None = None
    by: UUID | None = None
    proof: Proof | None = None


About: TypeAlias = tuple[Means, Purpose]
Choices: TypeAlias = Mapping[About, Choice]
NOTHING_SAID: Final = 0
"""The version of a customer's sheet on which no choice stands yet."""


def basis(kind: str | None, about: About, choices: Choices) -> Basis:
    """Service always; greetings to stores' business numbers unless withdrawn, to persons by consent; promotion and
    profiling always by consent. A customer whose kind is not known yet counts as a person."""
    means, purpose = about
    choice = choices.get(about)
    if means is not Means.PROFILING and purpose is Purpose.SERVICE:
        return Basis.ALWAYS
    if choice is not None:
        return Basis.CONSENT if choice.granted else Basis.WITHDRAWN
    business = kind == "store" and purpose is Purpose.RELATIONSHIP and means is not Means.PROFILING
    return Basis.BUSINESS_NUMBER if business else Basis.NO_CONSENT


def is_allowed(found: Basis) -> bool:
    return found in (Basis.ALWAYS, Basis.BUSINESS_NUMBER, Basis.CONSENT)


def check_named_once(listed: Sequence[About]) -> None:
    """Raises Invalid when a channel and purpose stand twice."""
    if len(set(listed)) < len(listed):
        raise Invalid("each channel and purpose is named once", pointer="#/consents")


def changed(present: Choices, said: Choices) -> Choices:
    """Those of the choices said now that differ from what stands, or bring a proof of it."""
    return {
        about: choice for about, choice in said.items() if choice.proof is not None or differs(present, about, choice)
    }


def differs(present: Choices, about: About, choice: Choice) -> bool:
    """Whether a choice says something else than what stands."""
    return about not in present or present[about].granted != choice.granted
