"""What a job keeps of the file's content is personal: it is sealed under the key of uploads, bound to the job."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.customers.imports.domain.jobs import Job
from services.customers.imports.domain.preview import Preview
from shared.personal import Vault

_DEFAULTS, _PREVIEW = b"defaults", b"preview"


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job as the database has it."""

    job: Job
    defaults: bytes | None
    """None after the end, and for a job of before they were sealed: those stand in the job's layout."""
    preview: bytes | None

    def opened(self, vault: Vault) -> Job:
        """The job as it is worked with."""
        job, id_ = self.job, self.job.id.bytes
        if self.defaults is not None:
            defaults = json.loads(vault.open(self.defaults, id_ + _DEFAULTS))
            job = replace(job, layout=replace(job.layout, defaults=defaults))
        if self.preview is not None:
            job = replace(job, preview=Preview.of_json(vault.open(self.preview, id_ + _PREVIEW)))
        return job


def defaults_sealed(vault: Vault, id_: UUID, defaults: Mapping[str, str]) -> bytes:
    return vault.seal(json.dumps(dict(defaults)).encode(), id_.bytes + _DEFAULTS)


def preview_sealed(vault: Vault, id_: UUID, preview: Preview) -> bytes:
    return vault.seal(preview.as_json(), id_.bytes + _PREVIEW)
