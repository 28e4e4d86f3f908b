"""The one place that turns who asks, and for what, into what they see in full."""

from services.customers.masking.domain import in_full, roles_of
from shared.auth.principal import Principal
from shared.purposes import stated


def fields_seen(caller: Principal) -> frozenset[str]:
    """The personal fields that the caller sees in full in this request, by role and by the purpose that it states."""
    return in_full(roles_of(caller), stated())


def fields_of_role(caller: Principal) -> frozenset[str]:
    """The same by role alone, whatever is stated: who writes something down themself is shown nothing by it."""
    return in_full(roles_of(caller), None)
