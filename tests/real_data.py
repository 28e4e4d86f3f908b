"""Where the real data sets lie; tests and measurements that use them say so when they are absent."""

import os
from pathlib import Path

import pytest

USUAL_PLACE = Path("../shared/data")


def real_data(name: str) -> Path:
    """The file, or a skip that says what is missing."""
    file = Path(os.environ.get("CRM_REAL_DATA") or USUAL_PLACE) / name
    if not file.is_file():
        pytest.skip(f"the real data set {name} is not here (CRM_REAL_DATA names its folder)")
    return file
