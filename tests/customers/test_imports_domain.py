"""What the cells of an import mean, and which of them are refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.imports.domain.cells import CellRules, amount_of, identifier_of, phones_of
from services.customers.imports.domain.dates import day_of, moment_of
from services.customers.imports.domain.form import DateFormat, Encoding
from services.customers.imports.domain.layout import FIELDS, ImportKind, Layout, UnknownField
from services.customers.imports.domain.rows import Judge, Unended, content_of
from services.customers.imports.domain.texts import TEXTS, text_of_fault, text_of_trouble
from services.customers.imports.domain.troubles import BadCell, BadRow, BrokenFile, Fault, Trouble
from shared.money import MOST
from shared.phones import e164

RULES = CellRules(ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 4, 1, tzinfo=UTC), MOST, {"海蓝": "b-1", "b-1": "b-1"})
HEADER = ["客户", "date", "amount", "brand"]
PURCHASES = Layout.of(ImportKind.PURCHASES, {"customer_no": "客户", "occurred_at": "date"}, {})


@pytest.mark.parametrize("kind", ImportKind)
@given(data=st.data())
def test_whatever_a_cell_or_a_default_says_is_taken_or_refused_with_a_reason(
    kind: ImportKind, data: st.DataObject
) -> None:
    """Nothing else ends the reader."""
    words = st.sampled_from(["", "xx", "1795708018", "2026", "9/7/11", "0", "9999-12-31", "0001-01-01", "#N/A", '="1"'])
    said = words | st.text(max_size=12) | st.from_regex(r"\d{4}-\d\d-\d\d( \d\d:\d\d([+-]\d{4})?)?", fullmatch=True)
    names = [field.name for field in FIELDS[kind]]
    cells = data.draw(st.lists(said, min_size=len(names), max_size=len(names)))
    defaults = data.draw(st.fixed_dictionaries(dict.fromkeys(names, said)))
    zone = ZoneInfo(data.draw(st.sampled_from(["Asia/Shanghai", "America/New_York"])))
    form = data.draw(st.none() | st.sampled_from(DateFormat))
    rules = CellRules(zone, RULES.now, MOST, RULES.names, phone=e164, date_format=form)
    reader = Judge(Layout.of(kind, {}, defaults), names, rules)

    seen = reader.seen(2, cells)
    refused: set[str] = set()
    try:
        {
            ImportKind.PURCHASES: reader.purchase,
            ImportKind.CUSTOMERS: reader.customer,
            ImportKind.PAYMENTS: reader.payment,
            ImportKind.CONTRACTS: reader.contract,
            ImportKind.CONTACTS: reader.contact,
        }[kind](2, cells)
    except BadRow as bad:
        refused = {fault.column.partition("/")[0] for fault in bad.faults}
    assert refused <= set(seen.bad)


@pytest.mark.parametrize("text", ["'00124", "＇00124", "'00124'", '="00124"', '= "00124"'])
def test_what_marks_a_number_as_text_is_no_part_of_it(text: str) -> None:
    assert identifier_of(text) == "00124"


def test_an_extension_stays_with_its_number() -> None:
    """In the form in which it is answered (RFC 3966)."""
    text = "+8657187654321;ext=801;13800138000；0571-87654321； EXT=802"

    assert phones_of(text, e164) == ("+8657187654321;ext=801", "+8613800138000", "+8657187654321;ext=802")


def test_a_date_in_no_form_that_was_said_names_that_form() -> None:
    with pytest.raises(BadCell) as bad:
        read_as("13/13/2026", DateFormat.DAY_SLASH)

    reason = text_of_fault(Fault(2, "occurred_at", bad.value.trouble, bad.value.detail), "en")
    assert "write it like DD/MM/YYYY" in reason


def read_as(text: str, form: DateFormat | None = None) -> datetime:
    return moment_of(text, RULES.zone, RULES.now, form)


def judge(layout: Layout = PURCHASES, header: list[str] | None = None) -> Judge:
    return Judge(layout, header or HEADER, RULES)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05",
        "2026/1/5",
        "2026.01.05",
        "20260105",
        "2026年1月5日",
        "２０２６－０１－０５",
        "2026-01-05T00:00:00+08:00",
    ],
)
def test_a_date_is_its_first_moment_in_the_companys_zone(text: str) -> None:
    assert read_as(text) == datetime(2026, 1, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-01-05 14:30", datetime(2026, 1, 5, 6, 30, tzinfo=UTC)),
        ("2026/1/5 9:05:07", datetime(2026, 1, 5, 1, 5, 7, tzinfo=UTC)),
        ("2026-01-05T14:30:00Z", datetime(2026, 1, 5, 14, 30, tzinfo=UTC)),
        ("2026-01-05T14:30:00.25-0500", datetime(2026, 1, 5, 19, 30, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_time_without_offset_is_local(text: str, moment: datetime) -> None:
    assert read_as(text) == moment


def test_the_first_day_is_the_companys() -> None:
    """1990 begins in Shanghai eight hours before it does in UTC."""
    assert read_as("1990-01-01") == datetime(1989, 12, 31, 16, tzinfo=UTC)
    with pytest.raises(BadCell):
        read_as("1989-12-31 23:59:59")


@pytest.mark.parametrize(
    "text, trouble",
    [
        ("05/01/2026", Trouble.AMBIGUOUS_DATE),
        ("9/7/11", Trouble.AMBIGUOUS_DATE),
        ("2026-13-01", Trouble.NOT_A_DATE),
        ("2026-02-30", Trouble.NOT_A_DATE),
        ("2026-1/5", Trouble.NOT_A_DATE),
        ("yesterday", Trouble.NOT_A_DATE),
        ("2026-01-05T25:00", Trouble.NOT_A_DATE),
        ("9999-12-31T23:59-23:59", Trouble.NOT_A_DATE),
        ("2026-01-05T00:00+99:99", Trouble.NOT_A_DATE),
        ("2026-11-05", Trouble.IN_FUTURE),
        ("1989-12-31", Trouble.TOO_EARLY),
        ("0001-01-01", Trouble.NOT_A_DATE),
    ],
)
def test_a_date_that_cannot_be_is_refused(text: str, trouble: Trouble) -> None:
    with pytest.raises(BadCell) as bad:
        read_as(text)
    assert bad.value.trouble is trouble


@pytest.mark.parametrize(
    "text, amount",
    [
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("11.77", "11.77"),
        ("1,234,567.5", "1234567.50"),
        ("¥1250", "1250.00"),
        ("￥ 1,250.00", "1250.00"),
        ("1250元", "1250.00"),
        ("12.5000", "12.50"),
        ("１２．５", "12.50"),
    ],
)
def test_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert str(amount_of(text, MOST)) == amount


@pytest.mark.parametrize(
    "text, trouble",
    [
        ("-5", Trouble.NEGATIVE),
        ("12.345", Trouble.FRACTION_OF_CENT),
        ("99999999999", Trouble.TOO_LARGE),
        ("9" * 60, Trouble.TOO_LARGE),
        ("1,23", Trouble.NOT_AN_AMOUNT),
        ("1e5", Trouble.NOT_AN_AMOUNT),
        ("NaN", Trouble.NOT_AN_AMOUNT),
        ("12.5 EUR", Trouble.NOT_AN_AMOUNT),
        ("5²", Trouble.NOT_AN_AMOUNT),
    ],
)
def test_an_amount_that_cannot_be_is_refused(text: str, trouble: Trouble) -> None:
    with pytest.raises(BadCell) as bad:
        amount_of(text, MOST)
    assert bad.value.trouble is trouble


@given(st.decimals(min_value=0, max_value=MOST, places=2))
def test_every_amount_survives_being_written(amount: Decimal) -> None:
    assert amount_of(f"{amount:,}", MOST) == amount
    assert amount_of(str(amount), MOST) == amount


@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2026, 11, 3)))  # noqa: DTZ001  local on purpose
def test_every_moment_survives_being_written(local: datetime) -> None:
    aware = local.replace(tzinfo=RULES.zone)

    assert read_as(aware.isoformat()) == aware
    assert read_as(local.isoformat(" ")).astimezone(RULES.zone).replace(tzinfo=None) in (
        local,
        datetime.fromtimestamp(aware.timestamp(), RULES.zone).replace(tzinfo=None),
    )


def test_a_row_means_a_purchase() -> None:
    good = judge().purchase(2, [" S-1 ", "2026-01-05", "12.5", " 海蓝"])

    assert good == (
        2,
        "S-1",
        "2026-01-04T16:00:00+00:00",
        2026 * 12,
        "12.50",
        "b-1",
        None,
        content_of("S-1", "2026-01-04T16:00:00+00:00", "12.50", "b-1"),
        None,
        None,
        None,
    )


def test_equal_content_is_equal_however_it_is_written() -> None:
    one = judge().purchase(2, ["S-1", "2026-01-05", "1,200", ""])
    other = judge().purchase(9, [" S-1", "2026/1/5", "¥1200.00", ""])

    assert one.content == other.content


def test_every_fault_of_a_row_is_told() -> None:
    with pytest.raises(BadRow) as bad:
        judge().purchase(7, ["", "soon", "-1", "nobody's"])

    assert [fault[:3] for fault in bad.value.faults] == [
        (7, "customer_no", Trouble.MISSING),
        (7, "occurred_at", Trouble.NOT_A_DATE),
        (7, "amount", Trouble.NEGATIVE),
        (7, "brand", Trouble.UNKNOWN_BRAND),
    ]


@pytest.mark.parametrize(
    "cells",
    [["S-1", "2026-01-05"], Unended(["S-1", "2026-01-05", "12.5"]), ["S-1", "2026-01-05", "12.5", "", "more"]],
)
def test_a_row_of_another_width_is_no_row(cells: list[str]) -> None:
    with pytest.raises(BadRow) as bad:
        judge().purchase(3, cells)
    assert [fault.trouble for fault in bad.value.faults] == [Trouble.CELLS]


def test_a_row_that_ends_properly_may_leave_out_what_nobody_needs() -> None:
    assert judge().purchase(3, ["S-1", "2026-01-05", "12.5"]).brand_id is None


def test_empty_cells_beyond_the_header_do_no_harm() -> None:
    assert judge().purchase(3, ["S-1", "2026-01-05", "12.5", "", "", ""]).amount == "12.50"


@pytest.mark.parametrize(
    "cell, trouble",
    [
        ("S\x00-1", Trouble.FORBIDDEN_CHARACTER),
        ("S\x1b1", Trouble.FORBIDDEN_CHARACTER),
        ("S�", Trouble.FORBIDDEN_CHARACTER),
        ("S" * 65, Trouble.TOO_LONG),
    ],
)
def test_a_text_that_cannot_be_stored_is_refused(cell: str, trouble: Trouble) -> None:
    with pytest.raises(BadRow) as bad:
        judge().purchase(3, [cell, "2026-01-05", "12.5", ""])
    assert bad.value.faults[0].trouble is trouble


def test_defaults_stand_in_for_absent_columns_and_empty_cells() -> None:
    layout = Layout.of(ImportKind.PURCHASES, {"customer_no": "客户"}, {"occurred_at": "2026-01-05", "amount": "0"})
    good = Judge(layout, ["客户", "amount"], RULES).purchase(2, ["S-1", ""])

    assert (good.amount, good.occurred_at) == ("0.00", "2026-01-04T16:00:00+00:00")


@pytest.mark.parametrize(
    "mapping, header, trouble, detail",
    [
        ({"amount": "net"}, ["customer_no", "occurred_at", "amount"], Trouble.NO_COLUMN, "net"),
        ({}, ["customer_no", "amount"], Trouble.FIELD_WITHOUT_COLUMN, "occurred_at"),
        ({}, ["customer_no", "occurred_at", "amount", "amount"], Trouble.COLUMN_TWICE, "amount"),
    ],
)
def test_a_header_that_lacks_something(
    mapping: dict[str, str], header: list[str], trouble: Trouble, detail: str
) -> None:
    with pytest.raises(BrokenFile) as broken:
        judge(Layout.of(ImportKind.PURCHASES, mapping, {}), header)
    assert (broken.value.trouble, broken.value.detail) == (trouble, detail)


@pytest.mark.parametrize("place", ["mapping", "defaults"])
def test_a_field_that_does_not_exist_is_refused(place: str) -> None:
    given_: dict[str, dict[str, str]] = {"mapping": {}, "defaults": {}} | {place: {"price": "x"}}
    with pytest.raises(UnknownField) as refused:
        Layout.of(ImportKind.PURCHASES, given_["mapping"], given_["defaults"])
    assert refused.value.pointer == f"#/{place}/price"


@pytest.mark.parametrize("named", ["brand", "brand_id"])
def test_a_brand_is_given_by_either_name(named: str) -> None:
    """The other routes call it brand_id; a file may, too."""
    mapped = Layout.of(ImportKind.PURCHASES, {"customer_no": "客户", "occurred_at": "date", named: "brand"}, {})
    standing = Layout.of(ImportKind.PURCHASES, {"customer_no": "客户", "occurred_at": "date"}, {named: "海蓝"})
    row = ["S-1", "2026-01-05", "12.5", "海蓝"]

    assert judge(mapped).purchase(2, row).brand_id == "b-1"
    assert judge(standing, HEADER[:3]).purchase(2, row[:3]).brand_id == "b-1"
    assert judge(PURCHASES, [*HEADER[:3], named]).purchase(2, row).brand_id == "b-1"


def test_a_field_named_twice_is_refused() -> None:
    with pytest.raises(UnknownField):
        Layout.of(ImportKind.PURCHASES, {}, {"brand": "x", "brand_id": "y"})


def test_a_customer_says_what_the_row_says() -> None:
    layout = Layout.of(ImportKind.CUSTOMERS, {}, {})
    header = [field.name for field in FIELDS[ImportKind.CUSTOMERS]]
    row = ["S-1", "花想容", "门店", "", "138 0013 8000；02161234567", "a@b.cn", "", "1980-2-3", "2001年5月1日", ""]
    good, left_out = Judge(layout, header, RULES).customer(2, row)

    assert (good.kind, good.phones, good.emails) == ("store", ("138 0013 8000", "02161234567"), ("a@b.cn",))
    assert left_out == []
    assert (good.birthday, good.opened_on, good.registered_at, good.address) == ("1980-02-03", "2001-05-01", None, None)


@pytest.mark.parametrize("text", ["2026-11-05", "1700-01-01", "2026-01-05 14:30", "soon"])
def test_a_birthday_that_cannot_be(text: str) -> None:
    with pytest.raises(BadCell):
        day_of(text, latest=date(2026, 11, 4), this_year=2026)


@pytest.mark.parametrize(
    "form, text, day",
    [
        ("DD/MM/YYYY", "9/7/2011", date(2011, 7, 9)),
        ("MM/DD/YYYY", "9/7/2011", date(2011, 9, 7)),
        ("D/M/YY", "9/7/11", date(2011, 7, 9)),
        ("M/D/YY", "9/7/11", date(2011, 9, 7)),
        ("YY/M/D", "9/7/11", None),
        ("YY/M/D", "09/7/11", date(2009, 7, 11)),
        ("M/D/YY", "12/31/98", date(1998, 12, 31)),
        ("M/D/YY", "31/12/98", None),
        ("DD.MM.YYYY", "09.07.2011", date(2011, 7, 9)),
        ("DD.MM.YYYY", "09/07/2011", None),
        ("DD/MM/YYYY", "9/7/11", None),
        ("DD/MM/YYYY", "2011-07-09", date(2011, 7, 9)),
        ("DD/MM/YYYY", "2011-07-09 00:00:00", date(2011, 7, 9)),
    ],
)
def test_dates_are_read_as_was_said(form: str, text: str, day: date | None) -> None:
    """A year of four digits in front is read always: workbooks give it for cells that are dates."""
    if day is None:
        with pytest.raises(BadCell) as bad:
            read_as(text, DateFormat(form))
        assert bad.value.trouble == Trouble.NOT_A_DATE
    else:
        assert read_as(text, DateFormat(form)).astimezone(RULES.zone).date() == day


@pytest.mark.parametrize("text, hour", [("9/7/2011 2:30 PM", 14), ("9/7/2011 12:30am", 0), ("9/7/2011 14:30", 14)])
def test_a_time_may_follow_a_date_of_the_said_form(text: str, hour: int) -> None:
    moment = read_as(text, DateFormat.MONTH_SLASH).astimezone(RULES.zone)
    assert (moment.day, moment.hour, moment.minute) == (7, hour, 30)


def test_a_year_of_two_digits_is_none_to_come() -> None:
    latest = date(2026, 11, 4)
    assert day_of("1/2/26", latest=latest, this_year=2026, form=DateFormat.SHORT_DAY_SLASH) == date(2026, 2, 1)
    assert day_of("1/2/27", latest=latest, this_year=2026, form=DateFormat.SHORT_DAY_SLASH) == date(1927, 2, 1)


@pytest.mark.parametrize(
    "said, form",
    [("dd/mm/yyyy", "DD/MM/YYYY"), ("D/M/YYYY", "DD/MM/YYYY"), ("MM/DD/YY", "M/D/YY"), ("YYYY-M-D", "YYYY-MM-DD")],
)
def test_a_date_format_has_as_many_letters_as_it_likes(said: str, form: str) -> None:
    assert DateFormat(said) == form


@pytest.mark.parametrize(
    "said, encoding", [("GBK", "gb18030"), ("UTF8", "utf-8"), ("Latin-1", "windows-1252"), ("MacRoman", "mac-roman")]
)
def test_an_encoding_has_many_names(said: str, encoding: str) -> None:
    assert Encoding(said) == encoding


def test_every_trouble_has_its_text_in_both_languages() -> None:
    assert set(TEXTS) == set(Trouble)
    for trouble in Trouble:
        assert text_of_trouble(trouble, "en", "7") != text_of_trouble(trouble, "zh-CN", "7")
