"""Two people in a case: who handles it, and whom it is against (domain 3.2, decision 17)."""

from uuid import UUID

from shared.contracts.complaints import ComplaintOpened
from shared.ids import new_id
from tests.complaints.building import DEPARTMENT, MANAGER, SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase


async def accountable_for(service: Complaints, **against: object) -> UUID | None:
    """Who is accountable for a case against that, as its event says; what is read agrees."""
    opened = await service.record(await service.customer(), against=against or None)
    *_, fact = await service.facts(ComplaintOpened)
    read = await service.read(opened["id"])
    assert (read["accountable"] or {}).get("id") == read["accountable_id"]
    assert read["accountable_id"] == (str(fact.accountable_id) if fact.accountable_id else None)
    told: UUID | None = fact.accountable_id
    return told


async def test_a_case_says_who_is_accountable(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        assert await accountable_for(service, type="person", id=str(SALESPERSON)) == SALESPERSON
        assert await accountable_for(service, type="department", id=str(DEPARTMENT)) == MANAGER
        assert await accountable_for(service, type="company") is None
        assert await accountable_for(service, type="person", name="somebody") is None
        assert await accountable_for(service) is None


async def test_a_case_names_its_two_people(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        against = {"type": "person", "id": str(SALESPERSON)}
        id_ = (await service.record(customer, against=against))["id"]

        read = await service.read(id_)
        assert read["handler"] == {"id": str(SPECIALIST), "name": "cs_specialist"}
        assert read["accountable"] == {"id": str(SALESPERSON), "name": "salesperson"}

        moved = await service.move(id_, "pause")
        assert (moved["responsible_id"], moved["accountable_id"]) == (str(SPECIALIST), str(SALESPERSON))


async def test_the_accountable_person_sees_the_case_without_being_on_the_team(fresh_database: FreshDatabase) -> None:
    """Nobody else of the house does, and nobody of it sees another case of the customer (decision 22d)."""
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        id_ = (await service.record(customer, against={"type": "person", "id": str(SALESPERSON)}))["id"]
        other = (await service.record(customer))["id"]

        async def status(subject: UUID, path: str) -> int:
            headers = as_role("salesperson", subject)
            return (await service.http.get(f"/complaints/v1/complaints/{path}", headers=headers)).status_code

        for path in (id_, f"{id_}/history", f"{id_}/steps"):
            assert await status(SALESPERSON, path) == 200
            assert await status(new_id(), path) == 404
        assert await status(SALESPERSON, other) == 404


async def test_who_answers_for_a_product_is_accountable(fresh_database: FreshDatabase) -> None:
    """By its name, in any case, width and spacing; else who answers for all products; else nobody until a notice."""
    async with complaints(fresh_database) as service:

        async def name(product: str | None, staff_id: UUID | None) -> None:
            body = {"product": product, "staff_id": str(staff_id) if staff_id else None}
            answer = await service.post("/product-owners", body)
            assert answer.status_code == 201, answer.text

        assert await accountable_for(service, type="product", name="Cream") is None
        await name("cream", SALESPERSON)
        assert await accountable_for(service, type="product", name="Cream") == SALESPERSON
        assert await accountable_for(service, type="product", name="面霜") is None
        await name(None, MANAGER)
        assert await accountable_for(service, type="product", name="面霜") == MANAGER
        await name("面霜 Ⅱ", SALESPERSON)
        assert await accountable_for(service, type="product", name="面 霜II") == SALESPERSON
        await name("面霜 II", None)
        await name("Cream", None)
        assert await accountable_for(service, type="product", name="cream") == MANAGER

        listed = (await service.get("/product-owners")).json()["items"]
        assert [(one["version"], one["product"], one["staff_id"]) for one in listed] == [
            (2, None, str(MANAGER)),
            (5, "Cream", None),
            (4, "面霜 II", None),
        ]


async def test_only_administration_says_who_answers_for_a_product(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        body = {"product": None, "staff_id": str(SALESPERSON)}
        for role, status in (("cs_specialist", 403), ("cs_manager", 403), ("admin_dept", 201)):
            answer = await service.post("/product-owners", body, **as_role(role, SPECIALIST))
            assert answer.status_code == status
        assert await service.refused("/product-owners", {**body, "staff_id": str(new_id())}) == (422, "unknown-staff")
