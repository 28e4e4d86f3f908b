"""What ids stand for, as columns of SQL beside them: names that are no secret, in the statement that reads the rest.

Who is a person has none there: `GET names` says it, masked where it must be, and enters who was shown it.
"""

from typing import Final, Literal, TypeAlias

from services.customers.heads.store.visibility import sees
from shared.statement import with_parts

Called: TypeAlias = Literal["brand", "competitor", "customer", "region", "staff"]
_WHERE: Final = {
    "brand": ("brand", "id"),
    "competitor": ("competitor", "id"),
    "customer": ("archive", "customer_id"),
    "region": ("region", "id"),
    "staff": ("staff", "id"),
}
"""Where the names stand, and by which column they are found."""


def name_of(what: Called, id_: str) -> str:
    """The name of what has that one id, such as p.customer_id; null where there is none."""
    rows, key = _WHERE[what]
    return with_parts("(SELECT called.name FROM {rows} called WHERE called.{key} = {id_})", rows=rows, key=key, id_=id_)


def name_of_seen(customer_id: str) -> str:
    """The same of a customer, for what may be seen by who does not see the customer: null then."""
    return with_parts(
        "(SELECT called.name FROM archive called WHERE called.customer_id = {customer_id} AND {seen})",
        customer_id=customer_id,
        seen=sees(customer_id),
    )


def beside(**names: str) -> str:
    """Such names as columns: `beside(customer_name=name_of("customer", "p.customer_id"))`."""
    return ", ".join(f"{sql} AS {column}" for column, sql in names.items())
