"""Which purposes need which consent."""

from datetime import UTC, datetime

import pytest

from services.care.consent.domain.choices import Basis, Choice, Means, basis, is_allowed
from services.care.messages.domain import Purpose

NOON = datetime(2026, 11, 4, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "kind, purpose, choice, found",
    [
        ("store", Purpose.SERVICE, None, Basis.ALWAYS),
        ("person", Purpose.SERVICE, False, Basis.ALWAYS),
        ("store", Purpose.RELATIONSHIP, None, Basis.BUSINESS_NUMBER),
        ("store", Purpose.RELATIONSHIP, False, Basis.WITHDRAWN),
        ("person", Purpose.RELATIONSHIP, None, Basis.NO_CONSENT),
        ("person", Purpose.RELATIONSHIP, True, Basis.CONSENT),
        (None, Purpose.RELATIONSHIP, None, Basis.NO_CONSENT),
        ("store", Purpose.PROMOTION, None, Basis.NO_CONSENT),
        ("store", Purpose.PROMOTION, True, Basis.CONSENT),
        ("person", Purpose.PROMOTION, False, Basis.WITHDRAWN),
    ],
)
def test_purposes_need_what_they_need(kind: str | None, purpose: Purpose, choice: bool | None, found: Basis) -> None:
    about = (Means.SMS, purpose)
    choices = {} if choice is None else {about: Choice(choice, NOON, "test")}

    assert basis(kind, about, choices) is found
    assert is_allowed(found) is (found not in (Basis.NO_CONSENT, Basis.WITHDRAWN))


@pytest.mark.parametrize("kind", ["store", "person"])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_profiling_always_needs_consent(kind: str, purpose: Purpose) -> None:
    assert basis(kind, (Means.PROFILING, purpose), {}) is Basis.NO_CONSENT
