"""Fixtures shared by the whole suite, and the rule that floating-point errors of ours fail a test."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real CMU trials and recordings: CETERIS_SHARED, or `shared` beside the checkout."""
    folder = Path(os.environ.get("CETERIS_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.fail(f"{folder} holds no folder 'data'; point CETERIS_SHARED at the shared folder")
    return folder


@pytest.fixture(autouse=True)
def floating_point_errors_raise():
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        yield
