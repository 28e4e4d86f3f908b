"""The guard against requests into the house."""

import pytest

from shared.delivery.addresses import checked, is_public
from shared.delivery.port import PermanentFailure, TransientFailure


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "192.88.99.1",
        "64:ff9b:1::7f00:1",
        "3fff::1",
        "5f00::1",
        "2a00::5efe:7f00:1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_an_address_inside_is_seen_in_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_outside_passes(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "http://", "nonsense", "http://u:p@example.com/", "http://a:99999/"],
)
async def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(PermanentFailure, match="url-not-allowed"):
        await checked(url, private=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/"])
async def test_loopback_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises((PermanentFailure, TransientFailure)):
        await checked(url, private=False)


async def test_the_connection_goes_to_the_judged_address() -> None:
    target = await checked("http://localhost:8099/hook?a=1#part", private=True)

    assert target.url in ("http://127.0.0.1:8099/hook?a=1", "http://[::1]:8099/hook?a=1")
    assert (target.host, target.name) == ("localhost:8099", "localhost")
