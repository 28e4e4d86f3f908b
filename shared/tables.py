"""How the columns of every table are typed: by plain annotations, with text for `str` (house: one dialect).

`id: UUID`, `name: str`, `note: str | None`, `at: datetime`, `amount: Decimal` say all that PostgreSQL needs; what they
cannot say stands in the functions of this module. A service's base class derives from `Table` with a registry of its
own, because table names repeat between services (decision 32).
"""

from typing import Any

from sqlalchemy import JSON, Integer, Numeric, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import LargeBinary
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import AutoString

Table = SQLModel
"""The base from which each service derives its own."""


@compiles(AutoString, "postgresql")
def _text(_type: AutoString, _compiler: Any, **_: Any) -> str:
    """A `str` without a bound is text, in the schema and where a parameter is cast."""
    return "TEXT"


def smallint(**options: Any) -> Any:
    """A smallint column."""
    return Field(sa_type=SmallInteger, **options)


def money(**options: Any) -> Any:
    """CNY with two places, up to 16 digits."""
    return numeric(16, 2, **options)


def numeric(digits: int, places: int, **options: Any) -> Any:
    """An exact number of so many digits, so many of them behind the point."""
    return Field(sa_type=Numeric(digits, places), **options)


def json_text(**options: Any) -> Any:
    """JSON kept as it was written; read as text."""
    return Field(sa_type=JSON, **options)


def jsonb(**options: Any) -> Any:
    """JSON that is read as Python values."""
    return Field(sa_type=JSONB, **options)


def uuids(**options: Any) -> Any:
    """An array of uuid."""
    return Field(sa_type=ARRAY(Uuid), **options)


def integers(**options: Any) -> Any:
    """An array of integer."""
    return Field(sa_type=ARRAY(Integer), **options)


def texts(**options: Any) -> Any:
    """An array of text."""
    return Field(sa_type=ARRAY(Text), **options)


def byte_strings(**options: Any) -> Any:
    """An array of bytea."""
    return Field(sa_type=ARRAY(LargeBinary), **options)
