"""Assertions in stories say what was found, like those of tests."""

import pytest

pytest.register_assert_rewrite("tests.journeys.network", "tests.journeys.reading", "tests.journeys.stories")
