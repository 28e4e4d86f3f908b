"""What customers publishes: the archive, teams, purchases, tiers and months.

Topics: `crm.customers.v1` (facts, no personal data), `crm.directory.v1` (compacted reference data: names of stores,
staff, departments, regions, brands), `crm.contacts.v1` (compacted, personal, sealed for complaints and care).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Fact
from shared.money import Money, Sum

FACTS = "crm.customers.v1"
DIRECTORY = "crm.directory.v1"
CONTACTS = "crm.contacts.v1"

Tier = Literal["A", "B", "C", "D"]
TierCause = Literal["purchase", "close", "revision", "override", "override_ended", "policy"]


class CustomerRegistered(Fact):
    """A new customer, and the tier that it has at first."""

    TYPE: ClassVar[str] = "crm.customer.registered"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    kind: Literal["store", "person"]
    external_no: str | None = None
    region_id: UUID | None = None
    tier: Tier = "D"
    registered_at: datetime


class CustomerUpdated(Fact):
    """The archive of a customer was changed."""

    TYPE: ClassVar[str] = "crm.customer.updated"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    kind: Literal["store", "person"]
    external_no: str | None = None
    region_id: UUID | None = None
    changed: list[str] = Field(default_factory=list)
    """Names of the fields that changed, never their values."""
    registered_at: datetime | None = None
    """When it was registered, as it stands now; events of earlier releases do not say it."""


class AccountTeamChanged(Fact):
    """Somebody else serves a customer."""

    TYPE: ClassVar[str] = "crm.account_team.changed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    team: dict[str, UUID]
    """Role code -> staff id; the whole team as it is now."""


class StaffChanged(Fact):
    """A colleague came, changed or left; the name is in `crm.directory.staff`."""

    TYPE: ClassVar[str] = "crm.staff.changed"
    TOPIC: ClassVar[str] = FACTS
    staff_id: UUID
    role: str
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    active: bool = True
    successor_id: UUID | None = None


class PurchaseLine(BaseModel):
    """What an entry moved of one product and batch; `quantity` is pieces, negative where it takes them away."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    product: str
    batch: str | None = None
    """None: nobody said."""
    quantity: int


class PurchaseRecorded(Fact):
    """A purchase was entered or imported."""

    TYPE: ClassVar[str] = "crm.purchase.recorded"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    purchase_id: UUID
    brand_id: UUID | None = None
    amount: Money
    occurred_at: datetime
    external_no: str | None = None
    lines: list[PurchaseLine] = Field(default_factory=list)
    """Products and batches, where they were entered or imported; earlier releases say none of imports."""


class PurchaseReturned(Fact):
    """`amount` is negative: what the return takes away."""

    TYPE: ClassVar[str] = "crm.purchase.returned"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    purchase_id: UUID
    return_id: UUID
    brand_id: UUID | None = None
    amount: Money
    occurred_at: datetime
    lines: list[PurchaseLine] = Field(default_factory=list)
    """What of its lines came back, where that was entered; quantities are negative."""


class PurchaseReversed(Fact):
    """An entry was a mistake and counts nowhere: a purchase, or the return named by `return_id`.

    `amount` takes the entry away: negative for a purchase, positive for a return. `occurred_at` is the entry's, `at`
    when it was undone.
    """

    TYPE: ClassVar[str] = "crm.purchase.reversed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    purchase_id: UUID
    return_id: UUID | None = None
    amount: Money
    occurred_at: datetime
    at: datetime
    lines: list[PurchaseLine] = Field(default_factory=list)
    """The entry's lines; quantities take them away as the amount does."""


class TierChanged(Fact):
    """`total` is the sum that judged, in mid-grade terms; `month` the closed month for causes close and revision.

    A revision without a month is that of the running one: an entry was undone.
    """

    TYPE: ClassVar[str] = "crm.tier.changed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    from_tier: Tier
    to_tier: Tier
    cause: TierCause
    total: Sum
    policy_version: int
    at: datetime
    month: str | None = None


class TierShare(BaseModel):
    """One tier of a closed month; `share` is its part of all sales, 0 to 1 with four places."""

    model_config = ConfigDict(frozen=True)
    customers: int
    amount: Sum
    share: Decimal


class MonthClosed(Fact):
    """The figures of a month as closed; a later revision replaces the earlier one (decision 8)."""

    TYPE: ClassVar[str] = "crm.month.closed"
    TOPIC: ClassVar[str] = FACTS
    month: str
    revision: int
    closed_at: datetime
    tiers: dict[str, TierShare]
    moves: dict[str, int]
    """"C>A" -> customers, from the previous closed month to this one."""


class StaffListed(Fact):
    """A staff member by work name, with the channel of choice (decision 18)."""

    TYPE: ClassVar[str] = "crm.directory.staff"
    TOPIC: ClassVar[str] = DIRECTORY
    staff_id: UUID
    name: str
    role: str
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    channel: Literal["email", "sms", "webhook"] = "email"
    address: str | None = None
    """Null: it travels sealed (StaffContactListed). Older releases told it here; feeds show null instead."""
    language: Literal["zh-CN", "en"] = "zh-CN"
    active: bool = True
    successor_id: UUID | None = None
    skills: tuple[str, ...] = ()
    """What cases they know best: subject:product, brand:ID, language:en."""


class DepartmentListed(Fact):
    """A department as it is now."""

    TYPE: ClassVar[str] = "crm.directory.department"
    TOPIC: ClassVar[str] = DIRECTORY
    department_id: UUID
    name: str
    manager_id: UUID | None = None


class RegionListed(Fact):
    """A region as it is now."""

    TYPE: ClassVar[str] = "crm.directory.region"
    TOPIC: ClassVar[str] = DIRECTORY
    region_id: UUID
    name: str
    parent_id: UUID | None = None
    """The region in which it lies."""


class BrandListed(Fact):
    """A brand as it is now."""

    TYPE: ClassVar[str] = "crm.directory.brand"
    TOPIC: ClassVar[str] = DIRECTORY
    brand_id: UUID
    name: str
    grade: Literal["mid", "high"]


class StoreListed(Fact):
    """A store by trading name; a customer who is a person has no entry and appears by number only."""

    TYPE: ClassVar[str] = "crm.directory.store"
    TOPIC: ClassVar[str] = DIRECTORY
    customer_id: UUID
    name: str
    external_no: str | None = None
    region_id: UUID | None = None


class CompanySignatory(BaseModel):
    """Who signs in the company's name, by name and title in each language."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    names: dict[str, str]
    titles: dict[str, str]
    department_id: UUID | None = None
    """Signs where this department answers for the case; None: always."""


class CompanyListed(Fact):
    """The company profile as it is now: what letters and pages say about the company, by language (zh-CN, en)."""

    TYPE: ClassVar[str] = "crm.directory.company"
    TOPIC: ClassVar[str] = DIRECTORY
    company_id: UUID
    names: dict[str, str]
    addresses: dict[str, str]
    line: str
    """The complaint line as it is written."""
    languages: list[str]
    signatories: list[CompanySignatory]


class ContactListed(Fact):
    """How a customer is reached; personal, on the contacts topic only."""

    TYPE: ClassVar[str] = "crm.customer.contact"
    TOPIC: ClassVar[str] = CONTACTS
    customer_id: UUID
    kind: Literal["store", "person"]
    name: str
    phones: list[str] = Field(default_factory=list)
    emails: list[str] = Field(default_factory=list)
    language: Literal["zh-CN", "en"] = "zh-CN"
    time_zone: str | None = None
    birthday: date | None = None


Robot = Literal["wecom", "dingtalk", "feishu"]
"""Whose group robot a webhook is: Enterprise WeChat (企业微信), DingTalk (钉钉), Feishu (飞书)."""


class StaffContactListed(Fact):
    """Where a staff member is reached at work (decisions 18 and 20); personal, on the contacts topic only."""

    TYPE: ClassVar[str] = "crm.staff.contact"
    TOPIC: ClassVar[str] = CONTACTS
    staff_id: UUID
    channel: Literal["email", "sms", "webhook"] = "email"
    address: str | None = None
    """An e-mail address, a phone number in E.164 or a URL, as the channel needs it; null: nowhere yet."""
    robot: Robot | None = None
    """Whose group robot the webhook is; null: as its host tells, or nobody's."""
    secret: str | None = None
    """Under which messages to that robot are signed; null: they are not."""
