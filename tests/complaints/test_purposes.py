"""How complainants are reached is shown for what needs it, and by their number a case is found for that alone."""

import pytest

from services.complaints.cases.domain import complainant_seen
from shared.ids import new_id
from shared.purposes import PURPOSES, needed_for
from tests.complaints.building import complaints
from tests.postgres import FreshDatabase
from tests.support import bearer

CONTACT = "+8613800000000"


@pytest.mark.parametrize("purpose", [None, *PURPOSES])
@pytest.mark.parametrize("contact, veiled", [(CONTACT, "+86*******0000"), ("wang@example.com", "w***@example.com")])
def test_a_contact_is_masked_where_the_purpose_needs_none(purpose: str | None, contact: str, veiled: str) -> None:
    hidden = purpose == "inspection"

    seen = complainant_seen({"name": "王小姐", "contact": contact}, needed_for(purpose))

    assert seen == {"name": "王小姐", "contact": veiled if hidden else contact, "masked": hidden}
    assert complainant_seen(None, needed_for(purpose)) is None


async def test_who_checks_others_reads_a_case_without_the_contact_and_finds_none_by_it(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(complainant={"name": "王小姐", "contact": CONTACT})
        await service.hear_own()
        for purpose in (None, *PURPOSES):
            who, shown = new_id(), "phones" in needed_for(purpose)
            headers = bearer("admin_dept", who) | ({} if purpose is None else {"Purpose": purpose})
            read = await service.http.get(f"/complaints/v1/complaints/{opened['id']}", headers=headers)
            complainant = read.json()["complainant"]
            assert (complainant["masked"], CONTACT in read.text) == (not shown, shown), purpose
            assert complainant["name"] == "王小姐"

            listed = await service.http.get("/complaints/v1/complaints", params={"phone": CONTACT}, headers=headers)
            assert [each["id"] for each in listed.json()["items"]] == ([opened["id"]] if shown else []), purpose
            [entry] = await service.database.fetch(
                "SELECT subject, purpose FROM audit_entry WHERE made_by = $1 AND what = 'complainant.looked_up'", who
            )
            assert (str(entry["subject"]), entry["purpose"]) == (opened["id"] if shown else "None", purpose)
