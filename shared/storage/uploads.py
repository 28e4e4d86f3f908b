"""Uploads of parts that nobody ended: an S3-compatible server keeps their parts, and charges for them, until they are.

The library that stores objects can neither list nor end them, so that the two requests are signed here (AWS Signature
Version 4). Whom the settings give no key, as where the machine's own role is used, has the server's life cycle for it.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from shared.clock import real_time
from shared.storage.port import StorageFault
from shared.storage.settings import StorageSettings
from shared.telemetry import log

NOT_OFFERED: Final = (403, 405, 501)
"""Where the server has no list of uploads, or not for us."""
_UPLOAD: Final = re.compile("<Upload>(.*?)</Upload>", re.DOTALL)
_NAMED: Final = re.compile("<(Key|UploadId)>([^<]*)</")
_NOTHING: Final = hashlib.sha256(b"").hexdigest()


class Uploads:
    """The uploads of parts in a bucket."""

    def __init__(self, settings: StorageSettings) -> None:
        self._settings = settings
        bucket, region = settings.bucket, settings.region
        if settings.bucket_in_host:
            self._bucket = settings.url.rstrip("/") or f"https://{bucket}.s3.{region}.amazonaws.com"
        else:
            self._bucket = f"{settings.url.rstrip('/') or f'https://s3.{region}.amazonaws.com'}/{bucket}"

    async def end(self, key: str) -> None:
        """Ends the uploads to a key, of which a thousand are found at once. Raises StorageFault."""
        if not self._settings.access_key:
            return
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=self._settings.seconds) as client:
                for id_ in await self._begun(client, key):
                    await self._ask(client, "DELETE", f"/{key}", {"uploadId": id_})
        except (httpx.HTTPError, KeyError) as fault:
            raise StorageFault(f"s3-{type(fault).__name__}") from fault

    async def _begun(self, client: httpx.AsyncClient, key: str) -> list[str]:
        listed = await self._ask(client, "GET", "/", {"prefix": key, "uploads": ""})
        if listed.status_code in NOT_OFFERED:
            log("storage").warning("uploads that nobody ended are not listed", status=listed.status_code)
            return []
        if listed.status_code != httpx.codes.OK:
            raise StorageFault(f"s3-uploads-{listed.status_code}")
        uploads = [dict(_NAMED.findall(each)) for each in _UPLOAD.findall(listed.text)]
        return [unescape(each["UploadId"]) for each in uploads if each["Key"] == key]

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, query: Mapping[str, str]) -> httpx.Response:
        url = f"{self._bucket}{path}"
        asked = "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))
        headers = _signed(self._settings, method, url, asked, real_time())
        answer = await client.request(method, f"{url}?{asked}", headers=headers)
        if method == "DELETE" and answer.status_code not in (204, 200, 404):  # the last: it has ended meanwhile
            raise StorageFault(f"s3-uploads-{answer.status_code}")
        return answer


def _signed(settings: StorageSettings, method: str, url: str, query: str, now: datetime) -> dict[str, str]:
    """The headers that say who asks: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html."""
    place = urlsplit(url)
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": place.netloc, "x-amz-content-sha256": _NOTHING, "x-amz-date": moment}
    names = ";".join(headers)
    said = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join((method, place.path, query, said, names, _NOTHING))
    scope = f"{moment[:8]}/{settings.region}/s3/aws4_request"
    signing = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{settings.secret_key.get_secret_value()}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, signing.encode(), "sha256").hex()
    credential = f"Credential={settings.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}"}
