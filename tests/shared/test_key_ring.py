"""Keys of persons: which master key wraps, which unwrap, and what is refused."""

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError

from shared.ids import new_id
from shared.key_ring import FIRST, KeyRing, UnknownMasterKey
from shared.settings import Settings
from tests.support import MASTER_KEY

OLD, NEW = b"\x01" * 32, b"\x02" * 32


def written(**keys: bytes) -> str:
    return ",".join(f"{id_}:{key.hex()}" for id_, key in keys.items())


def test_the_first_of_a_ring_wraps_and_all_of_them_unwrap() -> None:
    subject = new_id()
    before = KeyRing.written("", MASTER_KEY).new(subject)
    ring = KeyRing.written(written(new=NEW, old=OLD), MASTER_KEY)
    sealed = KeyRing.written("", MASTER_KEY).opened(subject, before).seal(b"a phone", b"row")

    anew = ring.wrapped_anew(subject, before)

    assert (before.sealed_by, anew.sealed_by, ring.new(subject).sealed_by) == (FIRST, "new", "new")
    assert ring.opened(subject, before).open(sealed, b"row") == b"a phone"
    assert KeyRing.written(written(new=NEW), OLD).opened(subject, anew).open(sealed, b"row") == b"a phone"


def test_a_key_opens_for_its_own_person_and_row_alone() -> None:
    ring, one, other = KeyRing.written("", MASTER_KEY), new_id(), new_id()
    key = ring.new(one)
    sealed = ring.opened(one, key).seal(b"a phone", one.bytes)

    with pytest.raises(UnknownMasterKey):
        ring.opened(other, key)
    with pytest.raises(InvalidTag):
        ring.opened(one, key).open(sealed, other.bytes)
    with pytest.raises(InvalidTag):
        ring.opened(one, ring.new(one)).open(sealed, one.bytes)


def test_a_key_that_is_missing_or_another_is_named() -> None:
    subject = new_id()
    key = KeyRing.written(written(old=OLD), MASTER_KEY).new(subject)

    with pytest.raises(UnknownMasterKey, match="old: name it in CRM_MASTER_KEYS"):
        KeyRing.written(written(new=NEW), MASTER_KEY).opened(subject, key)
    with pytest.raises(UnknownMasterKey, match="old is another one"):
        KeyRing.written(written(old=NEW), MASTER_KEY).opened(subject, key)


@pytest.mark.parametrize(
    "given, said",
    [
        (OLD.hex(), "id:key"),
        ("old:short", "id:key"),
        (f"Old:{OLD.hex()}", "id:key"),
        (f"{written(old=OLD)},", "id:key"),
        (f"{written(old=OLD)},{written(old=NEW)}", "each id once"),
        (written(first=OLD), "choose another"),
    ],
)
def test_a_ring_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, said: str) -> None:
    monkeypatch.setenv("CRM_MASTER_KEYS", given)

    with pytest.raises(ValidationError) as refused:
        Settings()

    [fault] = refused.value.errors()
    assert (fault["loc"], said in fault["msg"]) == (("master_keys",), True)
    assert OLD.hex() not in fault["msg"]
