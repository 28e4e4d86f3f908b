"""Answering a call: who it is, counted and entered for good."""

from typing import Any

from asyncpg import Record

from services.customers.archive.store.customers import opened
from services.customers.context import Context
from services.customers.masking.handlers import fields_seen
from services.customers.owners.store import opened as opened_owner
from services.customers.people.store import opened as opened_person
from services.customers.screenpop import store
from services.customers.screenpop.domain import CallerNotFound, ScreenPop
from services.customers.traces.store import phone_trace
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.purposes import stated

LOOKED_UP = "caller.looked_up"
"""As the statement enters it that finds who calls."""


async def answer_call(context: Context, phone: str, caller: Principal) -> ScreenPop:
    """What to know of who calls; of several with one number the highest tier comes first.

    The audit tells who asked, when, of whom (of nobody, too), and never the number. Raises CallerNotFound, also for
    customers whom the one who asks does not see, and for a purpose that needs no phones, or TooMany.
    """
    context.lookups.count(caller)
    trace = phone_trace(context.traces, phone)
    seen = fields_seen(caller)
    if "phones" not in seen:
        await audit.enter(context.database, caller.id, LOOKED_UP, digest=trace)
        raise CallerNotFound("by a number nobody is found for this purpose: state another one, or none")
    call = store.Call(
        trace,
        viewer(caller),
        caller.id,
        context.clock.now(),
        context.today(),
        stated(),
        sees_phones="phones" in seen,
        sees_names="name" in seen,
    )
    found = await context.look_ups.write(store.answer, None, call)
    if not found:
        raise CallerNotFound("no customer has this phone number")
    customer, *others = (opened(each, context.personal) for each in found)
    shown = _shown(found[0])
    callers, contacts = (
        [opened_person(each, context.personal) for each in shown.pop(name)] for name in ("callers", "contacts")
    )
    owners = [opened_owner(each, context.personal) for each in shown.pop("owners")]
    [earning] = shown.pop("earning")
    team = dict(shown.pop("team"))
    return ScreenPop(customer, others, callers, contacts, owners, team, earning=earning, **shown)


def _shown(row: Record) -> dict[str, Any]:
    """What is shown of who calls, by the names of ScreenPop."""
    return {name: each.all(row[name]) for name, each in store.SHOWN.items()}
