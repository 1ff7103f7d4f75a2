"""Where the client finds its gateway, and to whom it gives its key."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from assent import AssentError, Client
from assent.configuration import find_gateway


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """What `assent dev` leaves."""
    file = tmp_path / ".assent" / "gateway.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"url": "http://127.0.0.1:9001", "key": "of-the-file"}))
    return file


def test_arguments_come_first_then_the_environment_then_the_file(
    dev: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert (find_gateway().url, find_gateway().key) == ("http://127.0.0.1:9001", "of-the-file")
    monkeypatch.setenv("ASSENT_URL", "https://assent.example/agents/")
    monkeypatch.setenv("ASSENT_KEY", "of-the-environment")
    found = find_gateway()
    assert (found.url, found.key) == ("https://assent.example:443/agents", "of-the-environment")
    assert (found.is_tls, found.host, found.port, found.prefix) == (True, "assent.example", 443, "/agents")
    given = find_gateway("http://[::1]:1", "given")
    assert (given.url, given.key) == ("http://[::1]:1", "given")


def test_the_key_of_a_file_goes_to_no_other_address(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssentError, match="there is no key for http://elsewhere"):
        find_gateway("http://elsewhere")
    monkeypatch.setenv("ASSENT_URL", "http://elsewhere")
    with pytest.raises(AssentError, match="there is no key for http://elsewhere"):
        find_gateway()


def test_a_key_alone_goes_to_the_default_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSENT_KEY", "k")
    assert find_gateway().url == "http://127.0.0.1:8722"


def test_no_gateway_says_what_to_do() -> None:
    with pytest.raises(AssentError) as caught:
        Client()
    assert caught.value.code == "ASSENT_CONFIG"
    assert "assent dev" in caught.value.help


@pytest.mark.parametrize("content", ["", "[]", '{"url": "http://127.0.0.1:1"}'])
def test_a_file_that_cannot_be_read_is_named(dev: Path, content: str) -> None:
    dev.write_text(content)
    with pytest.raises(AssentError, match="gateway.json cannot be read"):
        find_gateway()


def test_a_strangers_file_is_not_believed(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(dev, 12345, -1)
    with pytest.raises(AssentError, match="belongs to another user"):
        find_gateway()


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8722", "ftp://x", "http://", "http://x:99999", "http://x/?a=b", "http://u:secret@x"]
)
def test_what_is_no_address_is_refused_and_no_password_is_printed(url: str) -> None:
    with pytest.raises(AssentError) as caught:
        find_gateway(url, "k")
    assert caught.value.code == "ASSENT_CONFIG"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["a b", "a\r\nX: y", "é"])
def test_a_key_that_no_header_holds_is_refused(key: str) -> None:
    with pytest.raises(AssentError, match="the key holds characters"):
        find_gateway("http://x", key)


def test_the_key_is_not_shown() -> None:
    assert "hidden" not in repr(find_gateway("http://x", "hidden"))
