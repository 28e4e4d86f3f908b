"""What is said of a customer's archive, and how complete it is."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive.domain import CustomerKind, Profile
from services.customers.credit.domain import CreditRating
from services.customers.standing.domain import ArchiveField
from shared.http.bodies import Patch
from shared.http.fields import EARLIEST, Address, Day, ExternalNo, LicenceNo, Line, Mails, Moment, Phones, TimeZone
from shared.languages import Language


class ProfileIn(BaseModel):
    """What may be said of a customer beside the name. Phones without a country code are Chinese."""

    model_config = ConfigDict(extra="forbid")
    external_no: ExternalNo | None = None
    region_id: UUID | None = None
    phones: Phones = ()
    emails: Mails = ()
    language: Language = "zh-CN"
    time_zone: TimeZone | None = None
    address: Address | None = None
    birthday: Day | None = None
    opened_on: Day | None = None
    legal_name: Line | None = None
    licence_no: LicenceNo | None = None
    credit_rating: CreditRating | None = None


class CustomerIn(ProfileIn):
    """A customer to register; all but the name is optional. Phones without a country code are Chinese."""

    name: Line
    kind: CustomerKind = "store"
    registered_at: Moment | None = Field(
        default=None, description="since when it is a customer: now unless said; earlier for takeovers"
    )

    def profile(self) -> Profile:
        return Profile(**self.model_dump(exclude={"registered_at"}))


class CustomerPatch(Patch, ProfileIn):
    """The fields to change; null empties one that may be empty. `registered_at` is put right by administration."""

    name: Line = ""
    registered_at: Moment = Field(default=EARLIEST, description="since when; put right by administration alone")


class CompletenessOut(BaseModel):
    """How complete an archive is, 0 to 100: its four parts, and in all."""

    model_config = ConfigDict(from_attributes=True)

    basic: int = Field(description="names, addresses, phones, region")
    traits: int = Field(description="what the customer is like")
    relations: int = Field(description="owner, people, important dates")
    finance: int = Field(description="credit limit and invoices")
    total: int = Field(description="the parts together, basic counting twice")
    missing: list[ArchiveField] = Field(description="the fields that count and are empty")
    uncounted: list[ArchiveField] = Field(description="the fields that are empty and move none of these figures")
