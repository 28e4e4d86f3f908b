"""What letters and pages ask of the company."""

from services.complaints.company import store
from services.complaints.context import Context


async def complaint_line(context: Context) -> str:
    """The number of the complaint line: the profile's, before there is one the setting's."""
    company = await store.read(context.database)
    return company.line if company is not None else context.settings.line
