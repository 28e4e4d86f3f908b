"""What every service can be asked about and may not know: customers and staff, in one set of words."""

from shared.errors import Invalid, NotFound


class CustomerNotFound(NotFound):
    """There is none with this id, or none among those whom the caller sees."""

    slug = "customer-not-found"
    title = "There is no such customer"


class UnknownCustomer(Invalid):
    """The request names a customer who is not known, or not known here yet (decision 4)."""

    slug = "unknown-customer"
    title = "This customer is not known"


class UnknownBrand(Invalid):
    """The request names a brand that the directory does not list."""

    slug = "unknown-brand"
    title = "There is no such brand"


class UnknownRegion(Invalid):
    """The request names a region that the directory does not list."""

    slug = "unknown-region"
    title = "There is no such region"


class UnknownDepartment(Invalid):
    """The request names a department that the directory does not list."""

    slug = "unknown-department"
    title = "There is no such department"


class UnknownStaff(Invalid):
    """The request names somebody who is no colleague at work."""

    slug = "unknown-staff"
    title = "There is no such colleague at work"
