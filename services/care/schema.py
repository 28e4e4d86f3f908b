"""Everything that stands in the database of care: what Alembic compares with."""

from services.care.accounts import tables as accounts
from services.care.cases import tables as cases
from services.care.consent import tables as consent
from services.care.contacts import tables as contacts
from services.care.messages import tables as messages
from services.care.obligations import tables as obligations
from services.care.registry import CareTable
from services.care.touches import tables as touches
from shared.directory_schema import add_directory_tables
from shared.kernel_schema import add_kernel_tables

TABLES = (
    accounts.AccountRow,
    cases.CaseRow,
    consent.ConsentSheetRow,
    consent.ConsentRow,
    consent.ConsentHistoryRow,
    contacts.ContactRow,
    messages.MessageRow,
    obligations.ObligationMatrixRow,
    touches.TaskRow,
)

METADATA = CareTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
