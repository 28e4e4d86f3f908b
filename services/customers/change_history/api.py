"""The route of a customer's history."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel, Field

from services.customers.change_history import handlers
from services.customers.change_history.domain import Entry
from services.customers.changes.domain import Said
from services.customers.context import Context
from services.customers.masking.handlers import fields_seen
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.languages import Language, language_of
from shared.references import CustomerNotFound

routes = router("/customers/v1", "archive")

AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language")]


class ArchiveChangeOut(BaseModel):
    """A field of a customer that was changed."""

    id: UUID
    at: datetime = Field(description="when it was changed")
    by: UUID | None = Field(description="the staff member who changed it")
    by_name: str | None = Field(description="what the directory calls them; null for who is not in it")
    field: str = Field(
        description="which field: its name in the archive, or a name behind `team.`, `contract.`, `tie.`, `trait.`, "
        "`rebate.`, `potential.`, `invoice.`, `owner.`, `ownership.` or `person.`, an occasion behind `date.`, a kind "
        "behind `relation.` (`relation_from.` where the other one is that to them)"
    )
    label: str = Field(description="what people call the field")
    about: UUID | None = Field(
        description="what it belongs to beside the customer: a contract, a note, a date, an invoice, an owner, "
        "somebody of the store; null: to nothing else"
    )
    from_: Said = Field(
        serialization_alias="from",
        description="what stood there; amounts, days and ids as text, null for nothing; a date as 1985-10-01 (--10-01 "
        "without a year), with `lunar` before it by that calendar and `leap` behind it in its leap month",
    )
    to: Said = Field(description="what stands there since")
    masked: bool = Field(
        description="whether the caller does not see the values in full, or they tell of somebody whom they do not see"
    )
    gone: bool = Field(description="whether the values went with the person")
    withheld: bool = Field(description="whether the values came with a merged customer, of whom they are not kept here")
    merged_id: UUID | None = Field(description="the merged customer whose it was then; null: the customer's own")

    @classmethod
    def of(cls, entry: Entry, language: Language) -> "ArchiveChangeOut":
        return cls(
            id=entry.id,
            at=entry.at,
            by=entry.by,
            by_name=entry.by_name,
            field=entry.field,
            label=entry.label[language],
            about=entry.about,
            from_=entry.before,
            to=entry.after,
            masked=entry.masked,
            gone=entry.gone,
            withheld=entry.withheld,
            merged_id=entry.merged_id,
        )


@routes.get("/customers/{customer_id}/changes")
@raises(CustomerNotFound)
async def list_changes(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    language: AcceptLanguage = None,
) -> Page[ArchiveChangeOut]:
    """What was changed of a customer, and of those who were merged into it, the newest first: archive, team, owner,
    contracts, ties, limit, traits, notes, tags, people, dates, relations, what is known of owners, potentials, rebates,
    invoices that were put right.

    What was said when the customer was registered is no change: it is what the first change of a field comes from.
    """
    seen = fields_seen(caller)
    read = partial(handlers.show_page, context, customer_id, seen, caller, viewer=viewer(caller))
    filters = {"customer_id": customer_id}
    return await paging.page(BY_ID, filters, read, lambda each: ArchiveChangeOut.of(each, language_of(language)))
