"""Manners of sending, as rules: consent, quiet hours, weekly cap, hold; over all inputs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.care.consent.domain.choices import Choice, Means
from services.care.delivery.domain.gate import (
    WEEK,
    CustomerRecipient,
    Manners,
    Reason,
    Refuse,
    Send,
    StaffRecipient,
    Wait,
    judge_for_customer,
    judge_for_staff,
    quiet_until,
)
from services.care.messages.domain import Message, MessageState, Purpose
from shared.contracts.care import Channel
from shared.ids import new_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 4, 4, 0, tzinfo=UTC)
MANNERS = Manners(time(21), time(8), 2)
MOMENTS = st.integers(0, 10 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
TIMES = st.times().map(lambda each: each.replace(microsecond=0))
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])


def message(purpose: Purpose = Purpose.RELATIONSHIP, **fields: Any) -> Message:
    values: dict[str, Any] = {
        "id": new_id(),
        "customer_id": new_id(),
        "occasion": "test",
        "occasion_key": "test:1",
        "template": "tier_rise",
        "variables": {},
        "expires_at": NOON + timedelta(days=30),
        **fields,
    }
    return Message(purpose=purpose, **values)


def customer(
    kind: str | None = "store",
    *,
    granted: Mapping[tuple[Means, Purpose], bool] | None = None,
    hold: str | None = None,
    sent: Mapping[Channel, Sequence[datetime]] | None = None,
    addresses: Mapping[Channel, str] | None = None,
) -> CustomerRecipient:
    choices = {about: Choice(yes, NOON, "test") for about, yes in (granted or {}).items()}
    reached: Mapping[Channel, str] = {"sms": "+8613800138000"} if addresses is None else addresses
    return CustomerRecipient(kind, reached, SHANGHAI, choices, hold, sent or {})


SMS_GREETING = (Means.SMS, Purpose.RELATIONSHIP)
SMS_OFFER = (Means.SMS, Purpose.PROMOTION)


def test_a_stores_greeting_goes_out_at_noon() -> None:
    assert judge_for_customer(message(), customer(), MANNERS, NOON) == Send("sms", "+8613800138000")


@pytest.mark.parametrize(
    "to, purpose, reason",
    [
        (customer("person"), Purpose.RELATIONSHIP, Reason.NO_CONSENT),
        (customer(granted={SMS_GREETING: False}), Purpose.RELATIONSHIP, Reason.WITHDRAWN),
        (customer(), Purpose.PROMOTION, Reason.NO_CONSENT),
        (customer(addresses={}), Purpose.SERVICE, Reason.NO_ADDRESS),
    ],
)
def test_what_is_not_allowed_is_refused(to: CustomerRecipient, purpose: Purpose, reason: str) -> None:
    assert judge_for_customer(message(purpose), to, MANNERS, NOON) == Refuse(reason)


def test_promotion_waits_while_a_case_is_open_and_greetings_do_not() -> None:
    held = customer(granted={SMS_OFFER: True}, hold="open_complaint")
    offer = message(Purpose.PROMOTION)

    assert judge_for_customer(offer, held, MANNERS, NOON) == Wait(offer.expires_at, "open_complaint", MessageState.HELD)
    assert isinstance(judge_for_customer(message(), held, MANNERS, NOON), Send)


def test_a_channel_that_was_withdrawn_gives_way_to_another() -> None:
    both = customer(granted={SMS_GREETING: False}, addresses={"sms": "+8613800138000", "email": "li@example.com"})

    assert judge_for_customer(message(), both, MANNERS, NOON) == Send("email", "li@example.com")


def test_a_message_that_was_tried_by_a_channel_stays_with_it() -> None:
    both = customer(addresses={"sms": "+8613800138000", "email": "li@example.com"})

    assert judge_for_customer(message(channel="email"), both, MANNERS, NOON) == Send("email", "li@example.com")


def test_the_cap_lets_the_next_through_when_the_oldest_is_a_week_old() -> None:
    week = [NOON - timedelta(days=6), NOON - timedelta(days=1)]
    capped = customer(sent={"sms": week})

    assert judge_for_customer(message(), capped, MANNERS, NOON) == Wait(week[0] + WEEK, Reason.WEEKLY_CAP)
    assert isinstance(judge_for_customer(message(), capped, MANNERS, week[0] + WEEK), Send)
    assert isinstance(judge_for_customer(message(Purpose.SERVICE), capped, MANNERS, NOON), Send)


def test_without_a_contact_it_waits_for_one_until_it_is_stale() -> None:
    nobody = CustomerRecipient("store", None, SHANGHAI, {}, None, {})
    greeting = message()

    assert judge_for_customer(greeting, nobody, MANNERS, NOON) == Wait(
        greeting.expires_at, Reason.NO_CONTACT, MessageState.HELD
    )
    assert judge_for_customer(greeting, nobody, MANNERS, greeting.expires_at) == Refuse(Reason.EXPIRED)
    held = message(reason="no_contact")
    assert judge_for_customer(held, nobody, MANNERS, held.expires_at) == Refuse("no_contact")


@pytest.mark.parametrize(
    "local, until",
    [
        ("2026-11-04T20:59", None),
        ("2026-11-04T21:00", "2026-11-05T08:00"),
        ("2026-11-05T00:00", "2026-11-05T08:00"),
        ("2026-11-05T07:59", "2026-11-05T08:00"),
        ("2026-11-05T08:00", None),
    ],
)
def test_quiet_hours_run_over_midnight(local: str, until: str | None) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    expected = datetime.fromisoformat(until).replace(tzinfo=SHANGHAI) if until else None

    assert quiet_until(moment, SHANGHAI, MANNERS) == expected


@given(now=MOMENTS, begins=TIMES, ends=TIMES, zone=ZONES)
def test_quiet_hours_end_within_a_day_and_then_are_over(
    now: datetime, begins: time, ends: time, zone: ZoneInfo
) -> None:
    manners = Manners(begins, ends, 2)

    until = quiet_until(now, zone, manners)

    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert until.astimezone(zone).time() in (ends, *_shifted(until, zone))
    if begins == ends:
        assert until is None


def _shifted(until: datetime, zone: ZoneInfo) -> list[time]:
    """A quiet end that falls into the hour that summer time skips ends an hour later."""
    return [until.astimezone(zone).time()] if zone.key == "America/New_York" else []


@given(
    now=MOMENTS,
    purpose=st.sampled_from(list(Purpose)),
    kind=st.sampled_from(["store", "person", None]),
    choice=st.sampled_from([True, False, None]),
    hold=st.sampled_from(["open_complaint", None]),
    sent=st.lists(MOMENTS, max_size=4),
)
def test_whatever_is_sent_was_allowed(
    now: datetime,
    purpose: Purpose,
    kind: str | None,
    choice: bool | None,
    hold: str | None,
    sent: list[datetime],
) -> None:
    to = customer(kind, granted={} if choice is None else {(Means.SMS, purpose): choice}, hold=hold, sent={"sms": sent})
    asked = message(purpose, expires_at=now + timedelta(days=3))

    verdict = judge_for_customer(asked, to, MANNERS, now)

    if isinstance(verdict, Send):
        assert purpose is Purpose.SERVICE or choice is not False
        assert not (purpose is Purpose.PROMOTION and (hold or not choice))
        assert quiet_until(now, SHANGHAI, MANNERS) is None
        assert purpose is Purpose.SERVICE or sum(at > now - WEEK for at in sent) < MANNERS.weekly_cap
    if isinstance(verdict, Wait):
        assert verdict.until > now


def test_a_notice_goes_by_the_channel_of_choice_whatever_the_hour() -> None:
    notice = message(Purpose.SERVICE, urgent=True)
    midnight = NOON + timedelta(hours=12)

    verdict = judge_for_staff(
        notice, StaffRecipient(True, "webhook", "https://robot.example"), SHANGHAI, MANNERS, midnight
    )

    assert verdict == Send("webhook", "https://robot.example")


@pytest.mark.parametrize(
    "colleague, reason",
    [
        (StaffRecipient(False, "email", "a@example.com"), Reason.STAFF_LEFT),
        (StaffRecipient(True, "email", None), Reason.NO_ADDRESS),
    ],
)
def test_a_colleague_who_cannot_be_reached_is_told_apart(colleague: StaffRecipient, reason: str) -> None:
    assert judge_for_staff(message(), colleague, SHANGHAI, MANNERS, NOON) == Refuse(reason)
