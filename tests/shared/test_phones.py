"""Phone numbers as people write them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.phones import e164, e164_or_none, is_mobile, mobile, without_extension


@pytest.mark.parametrize(
    "written, number",
    [
        ("138 0013 8000", "+8613800138000"),
        ("\u202a+8613800138000\u202c", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("138\u00a00013\u30008000", "+8613800138000"),
        ("138–0013—8000", "+8613800138000"),
        ("'13800138000", "+8613800138000"),
        ("电话：0571-87654321", "+8657187654321"),
        ("手机 13800138000", "+8613800138000"),
        ("Tel: +852 2123 4567", "+85221234567"),
        ("(0571) 87654321", "+8657187654321"),
        ("0571-87654321转8001", "+8657187654321;ext=8001"),
        ("0571-87654321-8001", "+8657187654321;ext=8001"),
        ("0571-87654321*801", "+8657187654321;ext=801"),
        ("0571-87654321 ext. 801", "+8657187654321;ext=801"),
        ("+8657187654321;ext=801", "+8657187654321;ext=801"),
        ("010-62345678-12", "+861062345678;ext=12"),
        ("0571-88888888-8", "+8657188888888;ext=8"),
        ("021-62345678（转8001）", "+862162345678;ext=8001"),
        ("021-62345678(12)", "+862162345678;ext=12"),
        ("手机号码：13800138000", "+8613800138000"),
        ("办公电话 0571-87654321", "+8657187654321"),
        ("95588", "+8695588"),
        ("10086", "+8610086"),
        ("400-820-8820", "+864008208820"),
        ("400-820-8820-1", "+864008208820;ext=1"),
        ("+1 650-253-0000", "+16502530000"),
        ("021-6234-5678", "+862162345678"),
    ],
)
def test_what_people_write_is_read(written: str, number: str) -> None:
    assert e164(written) == number
    assert e164(number) == number, "what is stored is read again as it is"


@pytest.mark.parametrize(
    "written",
    [
        "1380013800",
        "138001380001",
        "00000000000",
        "",
        "0",
        "电话",
        "12345678",
        "1.38E+10",
        "abc",
        "+",
        "138 0013 8000 转",
        "9" * 400,
    ],
)
def test_what_no_plan_has_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="area or country code"):
        e164(written)
    assert e164_or_none(written) is None


@pytest.mark.parametrize("landline", ["0571-87654321", "95588", "400-820-8820", "010-62345678-12"])
def test_only_a_mobile_takes_short_messages(landline: str) -> None:
    assert is_mobile(mobile("138 0013 8000"))
    assert not is_mobile(e164(landline))
    with pytest.raises(ValueError, match="mobile"):
        mobile(landline)


def test_a_caller_s_display_shows_no_extension() -> None:
    assert without_extension(e164("0571-87654321转8001")) == e164("0571-87654321")


@given(st.text(alphabet="0123456789+-() 转*#xext;=，.电话：'", max_size=40))
def test_whatever_is_read_is_read_again_as_the_same(text: str) -> None:
    number = e164_or_none(text)

    assert number is None or e164(number) == number


@given(st.integers(min_value=1_000_000_000, max_value=99_999_999_999))
def test_a_mobile_in_full_is_taken_as_the_library_takes_it(digits: int) -> None:
    number = phonenumbers.parse(f"+86{digits}")
    read = e164_or_none(f"+86{digits}")

    assert (read is not None) == phonenumbers.is_valid_number(number)
    assert read in (None, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
