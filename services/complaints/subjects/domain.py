"""What a case can be about."""

from shared.errors import Invalid


class UnknownSubject(Invalid):
    slug = "unknown-subject"
    title = "This subject is not in the table"
