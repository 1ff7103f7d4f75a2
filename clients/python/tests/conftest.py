"""What tests are handed: a gateway in this process, and a client of it."""

from __future__ import annotations

import os
from typing import Iterator

import pytest
from assent import Client
from fake_gateway import KEY, FakeGateway


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]) -> None:
    """No test finds the gateway of whoever runs it."""
    for name in ("ASSENT_URL", "ASSENT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    gateway = FakeGateway()
    yield gateway
    gateway.close()


@pytest.fixture
def client(gateway: FakeGateway) -> Iterator[Client]:
    with Client(gateway.url, KEY, timeout=2.0) as client:
        yield client
