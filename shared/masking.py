"""Addresses as people may see them who do not need them: enough to recognise, not enough to use."""

from urllib.parse import urlsplit


def masked(address: str) -> str:
    """`li@example.com` -> `l***@example.com`; `+8613800138000` -> `+86*******8000`; a URL keeps its host alone."""
    if "://" in address:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname}/***"
    if "@" in address:
        name, _, host = address.rpartition("@")
        return f"{name[:1]}***@{host}"
    if len(address) < 8:
        return "*" * len(address)
    return address[:3] + "*" * (len(address) - 7) + address[-4:]
