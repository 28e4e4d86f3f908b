"""What a file of an import can say, and where in it each field is found (domain 2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from services.customers.imports.domain.troubles import BrokenFile, Trouble
from shared.errors import Invalid
from shared.texts import fold_identifier

LONGEST_NUMBER = 64
LONGEST_NAME = 200
LONGEST_LINES = 30_000


class ImportKind(StrEnum):
    """What the rows of a file are."""

    CUSTOMERS = "customers"
    PURCHASES = "purchases"
    PAYMENTS = "payments"
    CONTRACTS = "contracts"
    CONTACTS = "contacts"


class UnknownField(Invalid):
    slug = "unknown-import-field"
    title = "An import has no such field"


class Field(NamedTuple):
    """One thing that a row can say."""

    name: str
    required: bool = False
    longest: int = LONGEST_NAME


FIELDS: Mapping[ImportKind, tuple[Field, ...]] = {
    ImportKind.PURCHASES: (
        Field("customer_no", required=True, longest=LONGEST_NUMBER),
        Field("occurred_at", required=True, longest=64),
        Field("amount", required=True, longest=64),
        Field("brand"),
        Field("external_no", longest=LONGEST_NUMBER),
        Field("order_no", longest=LONGEST_NUMBER),
        Field("receipt_no", longest=LONGEST_NUMBER),
        Field("lines", longest=LONGEST_LINES),
    ),
    ImportKind.PAYMENTS: (
        Field("customer_no", required=True, longest=LONGEST_NUMBER),
        Field("invoice_no", required=True, longest=LONGEST_NUMBER),
        Field("due_on", longest=64),
        Field("amount", longest=64),
        Field("paid_on", longest=64),
    ),
    ImportKind.CONTRACTS: (
        Field("external_no", required=True, longest=LONGEST_NUMBER),
        Field("customer_no", required=True, longest=LONGEST_NUMBER),
        Field("brand", required=True),
        Field("region", required=True),
        Field("starts_on", required=True, longest=64),
        Field("ends_on", longest=64),
    ),
    ImportKind.CONTACTS: (
        Field("customer_no", required=True, longest=LONGEST_NUMBER),
        Field("name", required=True),
        Field("job", longest=20),
        Field("phones", longest=1000),
        Field("emails", longest=6000),
        Field("decides", longest=20),
        Field("pays", longest=20),
        Field("uses", longest=20),
    ),
    ImportKind.CUSTOMERS: (
        Field("external_no", required=True, longest=LONGEST_NUMBER),
        Field("name", required=True),
        Field("kind", longest=20),
        Field("region"),
        Field("phones", longest=1000),
        Field("emails", longest=6000),
        Field("address", longest=300),
        Field("birthday", longest=64),
        Field("opened_on", longest=64),
        Field("legal_name"),
        Field("licence_no", longest=LONGEST_NUMBER),
        Field("credit_rating", longest=20),
        Field("registered_at", longest=64),
    ),
}


ALSO_CALLED: Mapping[str, str] = {
    "brand_id": "brand",
    "region_id": "region",
    **dict.fromkeys(("法定名称", "企业名称", "单位名称"), "legal_name"),
    **dict.fromkeys(("统一社会信用代码", "社会信用代码", "营业执照号", "证照号"), "licence_no"),
    **dict.fromkeys(("信用等级", "信用评级"), "credit_rating"),
}
"""As the other routes call a field (brands and regions are found by name or id), and as licences and files do."""


class FieldSource(NamedTuple):
    """Where a field of a certain file comes from: the cell `at` that place, `default` where it is absent or empty."""

    field: Field
    at: int | None
    default: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The sender's word on where our fields are found. Fields that it does not mention are looked for by name."""

    kind: ImportKind
    mapping: Mapping[str, str]
    defaults: Mapping[str, str]

    @classmethod
    def of(cls, kind: ImportKind, mapping: Mapping[str, str], defaults: Mapping[str, str]) -> "Layout":
        """Raises UnknownField for a field that this kind of import does not have."""
        return cls(kind, _by_field(kind, "mapping", mapping), _by_field(kind, "defaults", defaults))

    def sources(self, header: Sequence[str]) -> list[FieldSource]:
        """Raises BrokenFile when a mapped column is absent or ambiguous, or a required field has no source."""
        names = [fold_identifier(name) for name in header]
        return [source for field in FIELDS[self.kind] if (source := self._source(field, names))]

    def _source(self, field: Field, names: Sequence[str]) -> FieldSource | None:
        column, default = self.mapping.get(field.name), self.defaults.get(field.name, "")
        wanted = _own_name(field, names) if column is None else fold_identifier(column)
        if names.count(wanted) > 1:
            raise BrokenFile(Trouble.COLUMN_TWICE, wanted)
        if wanted in names:
            return FieldSource(field, names.index(wanted), default)
        if column is not None:
            raise BrokenFile(Trouble.NO_COLUMN, wanted)
        if default:
            return FieldSource(field, None, default)
        if field.required:
            raise BrokenFile(Trouble.FIELD_WITHOUT_COLUMN, field.name)
        return None


def _by_field(kind: ImportKind, place: str, given: Mapping[str, str]) -> dict[str, str]:
    names = [field.name for field in FIELDS[kind]]
    known: dict[str, str] = {}
    for name, value in given.items():
        field = ALSO_CALLED.get(name, name)
        if field not in names or field in known:
            detail = f"an import of {kind} has the fields {', '.join(names)}, each named once"
            raise UnknownField(detail, pointer=f"#/{place}/{name[:80]}")
        known[field] = value
    return known


def _own_name(field: Field, names: Sequence[str]) -> str:
    """What the header calls a field that the sender says nothing of."""
    others = (other for other, name in ALSO_CALLED.items() if name == field.name and other in names)
    return field.name if field.name in names else next(others, field.name)
