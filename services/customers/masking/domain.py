"""Which roles see which personal field in full (architecture 5), and what is shown to the others.

Where a purpose is stated, it must need the field as well. It is the same of customers and of the people of a store.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Final

from shared.auth.principal import ALL_ROLES, STAFF_ROLES, Principal
from shared.errors import Forbidden
from shared.phones import without_extension
from shared.purposes import PersonalField, needed_for

_EVERY_ROLE: Final = frozenset(ALL_ROLES)
SEE_BIRTHDAYS: Final = ("beauty_mentor", "salesperson", "brand_manager", "sales_manager", "cs_manager", "cs_specialist")
"""Who keep up relations with people."""
NEEDED_BY: Mapping[PersonalField, frozenset[str]] = {
    "name": frozenset(STAFF_ROLES),
    "legal_name": frozenset(STAFF_ROLES),
    "licence_no": frozenset(STAFF_ROLES),
    "phones": frozenset(STAFF_ROLES),
    "address": frozenset(STAFF_ROLES),
    "emails": frozenset(STAFF_ROLES) - {"logistics_manager"},
    "birthday": frozenset(SEE_BIRTHDAYS),
    "words": frozenset(STAFF_ROLES) - {"logistics_manager"},
}
"""Personal field -> the roles that need it for what domain 1 says they do; the administrator sees everything."""
OF_STORES: Final = ("phones", "address", "emails", "birthday")
OF_CUSTOMERS: Final[Mapping[str, tuple[str, ...]]] = {
    "store": OF_STORES,
    "person": ("name", "legal_name", "licence_no", *OF_STORES),
}
"""What is personal of a customer, by its kind; a store's names and licence are no secret."""


class MaskedNotChanged(Forbidden):
    """Who is shown a mask would write it over what it hides; `fields` names what they sent of it."""

    slug = "masked-not-changed"
    title = "What is masked for the caller is not changed by them"
    members: ClassVar[Mapping[str, str]] = {"fields": "the names of the fields that were sent and are masked"}

    def __init__(self, detail: str, fields: Sequence[str]) -> None:
        super().__init__(detail)
        self.fields = list(fields)


def roles_of(caller: Principal) -> frozenset[str]:
    """The roles by which somebody sees; an administrator has them all."""
    return _EVERY_ROLE if caller.is_admin else caller.roles


@cache
def in_full(roles: frozenset[str], purpose: str | None) -> frozenset[str]:
    """The personal fields that somebody with these roles sees in full for this purpose (None: none is stated); by no
    other one do they find anybody."""
    by_role = {name for name, needed_by in NEEDED_BY.items() if not roles.isdisjoint(needed_by)}
    return needed_for(purpose).intersection(by_role)


def veil(field: str, value: Any) -> Any:
    """What somebody sees of a field who does not need it: enough to recognise, not enough to use."""
    if not value:
        return value
    match field:
        case "phones":
            return tuple(f"{phone[:3]}*****{without_extension(phone)[-4:]}" for phone in value)
        case "emails":
            return tuple(f"{mail[0]}***@{mail.rpartition('@')[2]}" for mail in value)
        case "name" | "legal_name":
            return f"{value[0]}**"
        case _:
            return None


def check_sent(sent: Collection[str], masked: Collection[str]) -> None:
    """What is sent of that which is masked for the caller in this request is refused, whatever it says: whether it is
    what stands there would tell it. Raises MaskedNotChanged."""
    refused = sorted(set(sent).intersection(masked))
    if refused:
        raise MaskedNotChanged("leave these out, or ask for a purpose and by a role that need them", refused)
