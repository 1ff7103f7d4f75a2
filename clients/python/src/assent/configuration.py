"""Where the gateway is, and the key for it: arguments, then the environment, then what `assent dev` left in `.assent`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .errors import AssentError

URL_DEFAULT = "http://127.0.0.1:8722"


@dataclass(frozen=True)
class Gateway:
    """An address and its key. The key goes to this address, and to no other."""

    is_tls: bool
    host: str
    port: int
    #: A path in front of every route, such as that of a proxy; empty or beginning with `/`.
    prefix: str
    key: str = field(repr=False)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_tls else 'http'}://{host}:{self.port}{self.prefix}"


def find_gateway(url: str | None = None, key: str | None = None) -> Gateway:
    """Raises ASSENT_CONFIG where no key can be found, and for an address that is none.

    A key goes only where it belongs: that of the environment to the environment's address or one given as an argument, that of a
    file to that file's.
    """
    environment_url, environment_key = os.environ.get("ASSENT_URL") or None, os.environ.get("ASSENT_KEY") or None
    url = url or environment_url
    key = key or environment_key
    if url is not None and key is not None:
        return _read(url, key)
    file = None if url is not None else _file_above(Path.cwd())
    if file is None:
        if key is not None:
            return _read(url or URL_DEFAULT, key)
        raise AssentError(
            "ASSENT_CONFIG",
            f"there is no key for {url}" if url is not None else "there is no gateway to ask",
            "set ASSENT_URL and ASSENT_KEY (`assent keys issue --role agent …` prints one), "
            "or start `assent dev` in this folder or one above it",
        )
    found_url, found_key = _read_file(file)
    return _read(found_url, key or found_key)


def _file_above(folder: Path) -> Path | None:
    for each in (folder, *folder.parents):
        file = each / ".assent" / "gateway.json"
        if file.is_file():
            return file
    return None


def _read_file(file: Path) -> tuple[str, str]:
    try:
        # Whoever can write it chooses who decides: a folder that all may write to, such as /tmp, may hold a stranger's.
        if hasattr(os, "getuid") and file.stat().st_uid not in (os.getuid(), 0):
            raise AssentError("ASSENT_CONFIG", f"{file} belongs to another user", "set ASSENT_URL and ASSENT_KEY")
        content = json.loads(file.read_text("utf-8"))
        return str(content["url"]), str(content["key"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise AssentError(
            "ASSENT_CONFIG", f"{file} cannot be read ({type(fault).__name__})", "start `assent dev` again"
        ) from fault


def _read(url: str, key: str) -> Gateway:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise _no_address(url) from fault
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise _no_address(url)
    if parts.username is not None:
        raise AssentError("ASSENT_CONFIG", "the gateway's address holds a user", "give the key as ASSENT_KEY")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise AssentError("ASSENT_CONFIG", "the key holds characters that no key has", "copy it once more")
    is_tls = parts.scheme == "https"
    return Gateway(is_tls, parts.hostname, port or (443 if is_tls else 80), parts.path.rstrip("/"), key)


def _no_address(url: str) -> AssentError:
    # Behind an @ may be a password.
    what = "what was given" if "@" in url else f"`{url}`"
    return AssentError("ASSENT_CONFIG", f"{what} is no address of a gateway", f"give one such as {URL_DEFAULT}")
