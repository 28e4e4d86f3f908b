"""Contracts in the database, which refuses by itself what the rules of the network do not allow."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, Uuid, func, select, update
from sqlmodel import col

from services.customers.contracts.domain.contracts import Contract, Correction, Done, NetworkRules, NewContract
from services.customers.contracts.tables import ContractCorrectionRow, ContractRow, ContractStepRow, NetworkPolicyRow
from services.customers.heads.store.visibility import visible
from services.customers.network.domain import InTheWay, Rule
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table

FIELDS: Final = tuple(field.name for field in fields(Contract) if field.name != "done")
GOES_ON_WITHIN: Final = 90
"""Days after the end within which another contract of the brand begins, or the customer has left it."""
ANEW_WITHIN: Final = 365
"""Days for which an end is told once more when a contract that follows it is signed, put right or taken back."""
CONTRACTS = select(*(table(ContractRow).c[name] for name in FIELDS))
_SIGN = Statement(
    """
    INSERT INTO contract (id, version, customer_id, brand_id, grade, region_id, lowest, highest, starts_on, ends_on,
        external_no, same_brand, same_grade, region_grade, policy_version, signed_at, signed_by, told_end)
    SELECT :id::uuid, 1, :customer_id::uuid, b.id, b.grade, r.id, r.lowest, r.highest, :starts_on::date, :ends_on::date,
        :external_no::text, :same_brand::boolean, :same_grade::boolean, :region_grade::boolean,
        :policy_version::integer, :signed_at::timestamptz, :signed_by::uuid, :told_end::date
    FROM brand b, region r WHERE b.id = :brand_id::uuid AND r.id = :region_id::uuid
    """
)
"""By hand: the numbers of the region and the grade of the brand come along."""
_LOCKED = Statement(
    CONTRACTS.where(col(ContractRow.id) == given("id"), visible("contract.customer_id")).with_for_update(
        of=ContractRow
    ),
    Contract,
)
_CUSTOMERS_OF = Scalar(
    select(col(ContractRow.customer_id)).where(col(ContractRow.id) == any_given("ids", Uuid)).distinct(), UUID
)
_SAVE = Statement(
    """
    UPDATE contract AS c
    SET version = :version, brand_id = b.id, grade = b.grade, region_id = r.id, lowest = r.lowest, highest = r.highest,
        starts_on = :starts_on, ends_on = :ends_on, external_no = :external_no, asked_end = :asked_end,
        withdrawn_at = :withdrawn_at
    FROM brand b, region r WHERE c.id = :id AND b.id = :brand_id AND r.id = :region_id
    """
)
"""By hand, for the same reason."""
_BY_NUMBERS = Statement(CONTRACTS.where(col(ContractRow.external_no) == any_given("numbers", Text)), Contract)
_STEPS = Statement(
    select(
        col(ContractStepRow.contract_id),
        col(ContractStepRow.step),
        col(ContractStepRow.done_by),
        col(ContractStepRow.done_at),
        col(ContractStepRow.words),
    )
    .where(col(ContractStepRow.contract_id) == any_given("ids", Uuid))
    .order_by(col(ContractStepRow.contract_id), col(ContractStepRow.done_at))
)
_DO = Statement(insert_one(ContractStepRow, "contract_id", "step", "done_at", "done_by", "words"))
_OVER = Statement(
    CONTRACTS.where(
        col(ContractRow.withdrawn_at).is_(None),
        col(ContractRow.told_end).is_distinct_from(col(ContractRow.ends_on)),
        col(ContractRow.ends_on) <= given("today"),
    )
    .order_by(col(ContractRow.ends_on), col(ContractRow.id))
    .limit(given("most"))
    .with_for_update(),
    Contract,
)
_NEXT_END = Scalar(
    select(func.min(col(ContractRow.ends_on))).where(
        col(ContractRow.withdrawn_at).is_(None), col(ContractRow.told_end).is_distinct_from(col(ContractRow.ends_on))
    ),
    date,
)
_TOLD = Statement(
    update(table(ContractRow))
    .values(version=col(ContractRow.version) + 1, told_end=col(ContractRow.ends_on))
    .where(col(ContractRow.id) == any_given("ids", Uuid))
)
_FOLLOWED = Scalar(
    select(col(ContractRow.id))
    .where(
        col(ContractRow.customer_id) == given("customer_id"),
        col(ContractRow.brand_id) == given("brand_id"),
        col(ContractRow.id) != given("id"),
        col(ContractRow.withdrawn_at).is_(None),
        col(ContractRow.asked_end).is_(None),
        col(ContractRow.ends_on) <= given("starts_on"),
        col(ContractRow.ends_on) >= given("from_end"),
    )
    .order_by((col(ContractRow.region_id) == given("region_id")).desc(), col(ContractRow.ends_on).desc())
    .limit(1),
    UUID,
)
_CORRECT = Statement(insert_one(ContractCorrectionRow, *(field.name for field in fields(Correction))))
_FORGET_STEPS = Statement("DELETE FROM contract_step WHERE contract_id = :id")
_IN_THE_WAY = Statement(
    """
    SELECT c.id, c.customer_id, c.ends_on FROM contract c, brand b, region r
    WHERE b.id = :brand_id AND r.id = :region_id AND c.id <> :id AND c.withdrawn_at IS NULL
        AND daterange(c.starts_on, c.ends_on) && daterange(:starts_on::date, :ends_on::date)
        AND CASE :rule::text
            WHEN 'same-brand' THEN c.brand_id = b.id AND c.lowest < r.highest AND r.lowest < c.highest
            WHEN 'same-grade' THEN c.customer_id = :customer_id::uuid AND c.grade = b.grade AND c.brand_id <> b.id
            ELSE c.customer_id <> :customer_id::uuid AND c.grade = b.grade
                AND c.lowest < r.highest AND r.lowest < c.highest END
    ORDER BY c.starts_on, c.id LIMIT 5
    """,
    InTheWay,
)
"""By hand: what a constraint has refused, told apart by its rule."""
_RENEWED = Scalar(
    """
    SELECT c.id FROM contract c WHERE c.id = ANY(:ids::uuid[]) AND EXISTS (
        SELECT FROM contract o
        WHERE o.customer_id = c.customer_id AND o.brand_id = c.brand_id AND o.id <> c.id AND o.withdrawn_at IS NULL
            AND (o.ends_on IS NULL OR o.ends_on > c.ends_on) AND o.starts_on <= c.ends_on + :goes_on_within::integer)
    """,
    UUID,
)
"""By hand: a table beside itself."""
_MADE_AS_TOLD = Statement(
    """
    UPDATE import_made m SET version = m.version + 1 FROM contract c
    WHERE m.id = ANY(:ids::uuid[]) AND c.id = m.id AND c.version = m.version + 1
    """
)
"""By hand: two tables; who tells an end builds nothing on the import that signed the contract."""
_TELL_ANEW = Statement(
    """
    UPDATE contract e SET told_end = NULL FROM contract o
    WHERE o.id = :id AND e.id <> o.id AND e.customer_id = o.customer_id AND e.brand_id = :brand_id
        AND e.told_end = e.ends_on AND e.asked_end IS NULL AND e.withdrawn_at IS NULL
        AND e.ends_on > (e.signed_at AT TIME ZONE :zone::text)::date
        AND e.ends_on > :today::date - :anew_within::integer
        AND e.ends_on >= :starts_on::date - :goes_on_within::integer
        AND (:ends_on::date IS NULL OR e.ends_on < :ends_on)
    """
)
"""By hand: a table beside itself. What was over when it was entered is history, and was not told."""
_RULES = select(*(table(NetworkPolicyRow).c[field.name] for field in fields(NetworkRules)))
_EVERY_RULE = Statement(_RULES.order_by(col(NetworkPolicyRow.version).desc()), NetworkRules)
_RULES_ON = Statement(
    _RULES.where(col(NetworkPolicyRow.starts_on) <= given("day"))
    .order_by(col(NetworkPolicyRow.starts_on).desc(), col(NetworkPolicyRow.version).desc())
    .limit(1),
    NetworkRules,
)
_ADD_RULES = Statement(insert_one(NetworkPolicyRow, *(field.name for field in fields(NetworkRules))))


async def sign(
    transaction: Connection,
    id_: UUID,
    new: NewContract,
    rules: NetworkRules,
    *,
    at: datetime,
    by: UUID,
    told_end: date | None = None,
) -> Contract:
    """Signs a contract of a brand and a region that are listed; as it stands then. Of an end `told_end` nobody is told
    any more."""
    on = {name.replace("-", "_"): holds for name, holds in rules.on().items()}
    signed: dict[str, Any] = {**asdict(new), "policy_version": rules.version, "signed_at": at, "signed_by": by}
    await _SIGN.execute(transaction, id=id_, told_end=told_end, **signed, **on)
    return Contract(id=id_, version=1, asked_end=None, withdrawn_at=None, **signed)


async def save(transaction: Connection, contract: Contract) -> None:
    """Writes a held contract as it stands."""
    names = (
        "id",
        "version",
        "brand_id",
        "region_id",
        "starts_on",
        "ends_on",
        "external_no",
        "asked_end",
        "withdrawn_at",
    )
    await _SAVE.execute(transaction, **{name: getattr(contract, name) for name in names})


async def in_the_way(transaction: Connection, id_: UUID, new: NewContract, rule: Rule) -> list[InTheWay]:
    """The contracts, up to five, beside which the rule does not allow this one."""
    asked: dict[str, Any] = asdict(new)
    del asked["external_no"]
    return await _IN_THE_WAY.all(transaction, id=id_, rule=rule, **asked)


async def customers_of(reader: Reader, ids: Sequence[UUID]) -> list[UUID]:
    """Whose contracts they are."""
    return await _CUSTOMERS_OF.all(reader, ids=ids)


async def locked(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Contract | None:
    """A contract, held until the transaction ends; None also for one of a customer whom the viewer does not see."""
    found = await _LOCKED.one(transaction, id=id_, viewer=viewer)
    return None if found is None else (await with_steps(transaction, [found]))[0]


async def by_numbers(reader: Reader, numbers: Sequence[str]) -> list[Contract]:
    """Contracts with these numbers, without the steps of their endings."""
    return await _BY_NUMBERS.all(reader, numbers=numbers)


async def with_steps(reader: Reader, contracts: Sequence[Contract]) -> list[Contract]:
    """The same with the steps of their endings."""
    done: dict[UUID, list[Done]] = {}
    for row in await _STEPS.all(reader, ids=[each.id for each in contracts]) if contracts else ():
        done.setdefault(row["contract_id"], []).append(Done(row["step"], row["done_by"], row["done_at"], row["words"]))
    return [replace(each, done=tuple(done.get(each.id, ()))) for each in contracts]


async def do(transaction: Connection, id_: UUID, done: Done) -> None:
    """Writes down a step of the ending of a held contract, with what was said, sealed."""
    await _DO.execute(transaction, contract_id=id_, step=done.step, done_at=done.at, done_by=done.by, words=done.words)


async def over(transaction: Connection, today: date, most: int) -> list[Contract]:
    """Contracts that hold no more today and of which that was not told, the earliest first, held."""
    return await with_steps(transaction, await _OVER.all(transaction, today=today, most=most))


async def told(transaction: Connection, contracts: Sequence[Contract]) -> None:
    """Remembers of these held contracts that their end was told; their version rises by one."""
    ids = [each.id for each in contracts]
    await _TOLD.execute(transaction, ids=ids)
    await _MADE_AS_TOLD.execute(transaction, ids=ids)


async def tell_anew(transaction: Connection, by: Contract, today: date, zone: str) -> None:
    """Lets the ends that this contract follows, or has followed, be told once more, as it stands or stood."""
    names = ("id", "brand_id", "starts_on", "ends_on")
    asked = {name: getattr(by, name) for name in names}
    await _TELL_ANEW.execute(
        transaction, today=today, zone=zone, anew_within=ANEW_WITHIN, goes_on_within=GOES_ON_WITHIN, **asked
    )


async def renewed(transaction: Connection, contracts: Sequence[Contract]) -> set[UUID]:
    """Those of these ended contracts whose customers go on with the brand by another contract."""
    ids = [each.id for each in contracts]
    return set(await _RENEWED.all(transaction, ids=ids, goes_on_within=GOES_ON_WITHIN))


async def followed(transaction: Connection, contract: Contract) -> UUID | None:
    """The contract of the same customer and brand that this one follows, where its term runs out by itself: that in
    the same region first, the latest of these."""
    names = ("id", "customer_id", "brand_id", "region_id", "starts_on")
    asked = {name: getattr(contract, name) for name in names}
    from_end = contract.starts_on - timedelta(days=GOES_ON_WITHIN)
    return await _FOLLOWED.one(transaction, from_end=from_end, **asked)


async def next_end(reader: Reader) -> date | None:
    """The first last day that was not told of."""
    return await _NEXT_END.one(reader)


async def add_correction(transaction: Connection, correction: Correction) -> None:
    """Keeps what was put right of a held contract."""
    await _CORRECT.execute(transaction, **asdict(correction))


async def forget_steps(transaction: Connection, id_: UUID) -> None:
    """Of an ending that was called off; the audit keeps that it was begun."""
    await _FORGET_STEPS.execute(transaction, id=id_)


async def rules_on(reader: Reader, day: date) -> NetworkRules:
    """The version in force on a day; the first holds from the beginning."""
    found = await _RULES_ON.one(reader, day=day)
    if found is None:
        raise LookupError("the first version came with the table")
    return found


async def every_rule(reader: Reader) -> list[NetworkRules]:
    """Every version, the latest first."""
    return await _EVERY_RULE.all(reader)


async def add_rules(transaction: Connection, rules: NetworkRules) -> None:
    await _ADD_RULES.execute(transaction, **asdict(rules))
