"""What is kept of a person is packed while others are served."""

import asyncio

from shared.ids import new_id
from shared.person_archive import packed_aside
from tests.support import START


async def test_others_are_served_while_a_person_is_packed() -> None:
    rows = [{"number": number, "text": "x" * 50} for number in range(20_000)]
    packing = asyncio.ensure_future(packed_aside("care", new_id(), START, {"rows": rows}))
    served = 0
    while not packing.done():
        await asyncio.sleep(0.001)
        served += 1
    assert served > 5
    assert len(await packing) > 0
