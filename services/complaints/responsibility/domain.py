"""Who is responsible for a case."""

from shared.errors import Invalid


class UnknownStaff(Invalid):
    slug = "unknown-staff"
    title = "This person is not in the directory"
