"""By how many parts people pay what a case costs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Said, Unsigned
from services.complaints.cases.store.holding import held, lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import SHARES, changed
from services.complaints.history.handlers import Movement
from services.complaints.responsibility.domain import deciding
from services.complaints.responsibility.domain.penalties import Penalty, PenaltyState
from services.complaints.responsibility.domain.shares import Part, check_parts
from services.complaints.responsibility.domain.sharing import Sharing
from services.complaints.responsibility.store import bench, policies, shares
from services.complaints.responsibility.store import penalties as store
from shared.auth.principal import Principal
from shared.db import Connection


async def sharing_of(transaction: Connection, penalties: Iterable[Penalty], named: Iterable[UUID] = ()) -> Sharing:
    """Who pays these penalties, which are held: as it is set and listed now, of what was decided before as it was.
    `named` are those who are to pay besides."""
    known = list(penalties)
    cases = {each.complaint_id for each in known if each.complaint_id is not None}
    of_cases = await shares.of_cases(transaction, cases)
    accountable = await shares.accountable_in(transaction, of_cases) if of_cases else {}
    before = [each.id for each in known if each.decided_at is not None and each.state is not PenaltyState.PROPOSED]
    kept = await shares.of_penalties(transaction, before) if before else {}
    parts = {id_: [Part(share.staff_id, share.parts) for share in of_one] for id_, of_one in kept.items() if of_one}
    sharing = {part.staff_id for of_one in (*of_cases.values(), *parts.values()) for part in of_one}
    people = await shares.belonging(transaction, {*sharing, *named, *(each.person_id for each in known)})
    return Sharing(await policies.every(transaction), of_cases, parts, people, accountable)


async def set_shares(context: Context, id_: UUID, parts: Sequence[Part], caller: Principal) -> None:
    """Sets who pays what a case costs; what is proposed of it is shared anew, what was decided stays.

    Raises ComplaintNotFound, SharesRefused, OwnPenalty, Forbidden.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        people = await shares.belonging(transaction, [part.staff_id for part in parts])
        check_parts(parts, people)
        before = (await shares.of_cases(transaction, [id_])).get(id_, [])
        standing = (await store.of_cases(transaction, [id_]))[id_]
        proposed = [each for each in standing if each.state is PenaltyState.PROPOSED]
        present = await sharing_of(transaction, proposed)
        payers = {case.accountable_id, *(part.staff_id for part in (*parts, *before))}
        for each in proposed:
            payers |= present.payers(each)
        known = await shares.belonging(transaction, payers)
        roles = {known[each].role for each in payers if each in known}
        deciding.check_setter(caller, payers, roles, await bench.read(transaction))
        await shares.set_of_case(transaction, id_, parts, caller.id, now)
        await _share_anew(transaction, proposed)
        movement = Movement(case, SHARES, Said(None, None, caller.id), now, changes=_changes(before, parts))
        await history.append(transaction, context, movement)


async def forget_shares(transaction: Connection, context: Context, moved: Mapping[UUID, datetime]) -> None:
    """Takes back the shares of held cases that were set by the moment from which they are against somebody else; what
    is proposed of them is shared as usual. The history says so."""
    for id_, at in sorted(moved.items()):
        before = await shares.forget_of_case(transaction, id_, at)
        if not before:
            continue
        standing = (await store.of_cases(transaction, [id_]))[id_]
        await _share_anew(transaction, [each for each in standing if each.state is PenaltyState.PROPOSED])
        [case] = await held(transaction, [id_])
        now = context.clock.now()
        await history.append(
            transaction, context, Movement(case, SHARES, Unsigned(), now, changes=_changes(before, []))
        )


async def _share_anew(transaction: Connection, proposed: Sequence[Penalty]) -> None:
    """Writes who pays what is proposed of a held case, as it is set now."""
    after = await sharing_of(transaction, proposed)
    await shares.keep(transaction, [each.id for each in proposed], [s for each in proposed for s in after.shares(each)])


def _changes(before: Sequence[Part], after: Sequence[Part]) -> dict[str, dict[str, str | int | bool | None]]:
    was, is_ = ({str(part.staff_id): part.parts for part in parts} for parts in (before, after))
    return changed(**{staff_id: (was.get(staff_id), is_.get(staff_id)) for staff_id in sorted({*was, *is_})})
