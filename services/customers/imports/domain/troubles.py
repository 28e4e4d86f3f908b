"""Why a cell, a row or a whole file is not taken (decision 13). Texts for people stand in `texts.py`."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from services.customers.imports.domain.preview import Candidate


class Trouble(StrEnum):
    """What is wrong with a cell, a row or a whole file."""

    MISSING = "missing"
    TOO_LONG = "too-long"
    ERROR_CELL = "error-cell"
    INEXACT_NUMBER = "inexact-number"
    UNFIT_CELL = "unfit-cell"
    UNFIT_FORMAT = "unfit-format"
    FORBIDDEN_CHARACTER = "forbidden-character"
    NOT_A_DATE = "not-a-date"
    AMBIGUOUS_DATE = "ambiguous-date"
    IN_FUTURE = "in-future"
    TOO_EARLY = "too-early"
    NOT_AN_AMOUNT = "not-an-amount"
    FRACTION_OF_CENT = "fraction-of-cent"
    NEGATIVE = "negative"
    TOO_LARGE = "too-large"
    CELLS = "cells"
    UNKNOWN_CHOICE = "unknown-choice"
    NOT_A_PHONE = "not-a-phone"
    PHONE_LEFT_OUT = "phone-left-out"
    NOT_A_MAIL = "not-a-mail"
    NOT_A_LICENCE = "not-a-licence"
    UNKNOWN_CUSTOMER = "unknown-customer"
    UNKNOWN_BRAND = "unknown-brand"
    UNKNOWN_REGION = "unknown-region"
    NOT_A_LINE = "not-a-line"
    NOT_PIECES = "not-pieces"
    NUMBER_REUSED = "number-reused"
    EXISTS_OTHERWISE = "exists-otherwise"
    UNKNOWN_INVOICE = "unknown-invoice"
    INVOICE_REUSED = "invoice-reused"
    DAYS = "days"
    NO_STORE = "no-store"
    NETWORK_RULE = "network-rule"
    EQUALS_NUMBERED = "equals-numbered"
    EQUALS_UNNUMBERED = "equals-unnumbered"

    EMPTY_FILE = "empty-file"
    BINARY_FILE = "binary-file"
    WRONG_ENCODING = "wrong-encoding"
    AMBIGUOUS_ENCODING = "ambiguous-encoding"
    BROKEN_QUOTES = "broken-quotes"
    LINE_TOO_LONG = "line-too-long"
    NO_WORKBOOK = "no-workbook"
    WORKBOOK_TOO_LARGE = "workbook-too-large"
    NO_SHEET = "no-sheet"
    NO_SHEETS = "no-sheets"
    NO_COLUMN = "no-column"
    COLUMN_TWICE = "column-twice"
    FIELD_WITHOUT_COLUMN = "field-without-column"
    READER_ENDED = "reader-ended"
    GIVEN_UP = "given-up"


PLACED = (Trouble.ERROR_CELL, Trouble.INEXACT_NUMBER, Trouble.UNFIT_CELL, Trouble.UNFIT_FORMAT)
"""What is told with the cell's address, or as a fault of the default."""


class Fault(NamedTuple):
    """Why one row is bad, or what one is taken without.

    `column` is our field's name, with the number of the line where its cell holds several (`lines/2`), or empty where
    the whole row is at fault. `detail` is the cell's address, the values that are taken or the form that was said,
    never what the cell holds.
    """

    row: int
    column: str
    trouble: Trouble
    detail: str = ""


class BadCell(Exception):
    """A cell's text is not what its field takes."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.detail = detail


class BadLines(BadCell):
    """Lines of a cell that are not what its field takes, by their number from 1."""

    def __init__(self, troubles: Mapping[int, Trouble]) -> None:
        super().__init__(next(iter(troubles.values())))
        self.troubles = troubles


class BadRow(Exception):
    """A row with at least one fault; it is left out as a whole."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


class BrokenFile(Exception):
    """The file as a whole cannot be imported; `detail` is a line number or the name of a column, never a cell.

    `candidates` are the encodings among which the sender has to choose; they quote a cell.
    """

    def __init__(self, trouble: Trouble, detail: str = "", candidates: Sequence[Candidate] = ()) -> None:
        super().__init__(trouble, detail)
        self.trouble = trouble
        self.detail = detail
        self.candidates = candidates
