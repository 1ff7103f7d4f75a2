"""HTTP/1.1 to one gateway on asyncio's streams: connections that are kept for each event loop."""

from __future__ import annotations

import asyncio
import ssl
import weakref
from typing import Any, Coroutine, TypeVar

from .configuration import Gateway
from .exchange import ANSWER_MAX, Answer, Send, Unreachable
from .pool import headers_of

Out = TypeVar("Out")
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_IDLE_MAX = 32
_HEADERS_MAX = 200
_LINE_MAX = 65_536


class Streams:
    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._tls = ssl.create_default_context() if gateway.is_tls else None
        # A stream belongs to its loop; a program may run several, one after the other.
        self._idle: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, list[Connection]] = weakref.WeakKeyDictionary()
        self._is_closed = False

    async def send(self, request: Send) -> Answer:
        """Raises Unreachable."""
        sent = _Sent()
        try:
            return await within(request.timeout, self._send(request, sent))
        except TimeoutError as fault:
            raise Unreachable("no answer in time", is_late=sent.is_sent) from fault

    async def connect(self) -> Connection:
        """A connection of one's own. Raises OSError."""
        gateway = self.gateway
        return await asyncio.open_connection(gateway.host, gateway.port, ssl=self._tls, limit=_LINE_MAX)

    async def close(self) -> None:
        self._is_closed = True
        for connection in self._idle.pop(asyncio.get_running_loop(), []):
            connection[1].close()

    async def _send(self, request: Send, sent: _Sent) -> Answer:
        idle = self._idle.setdefault(asyncio.get_running_loop(), [])
        if request.is_repeatable and idle:
            try:
                return await self._exchange(idle.pop(), idle, request, sent)
            except (OSError, EOFError):
                pass  # The gateway has closed it meanwhile: what is asked has an id, and may be asked again.
        sent.is_sent = False
        try:
            return await self._exchange(await self.connect(), idle, request, sent)
        except EOFError as fault:
            raise Unreachable("it ended the connection", is_sent=sent.is_sent) from fault
        except OSError as fault:
            raise Unreachable(fault.strerror or str(fault) or type(fault).__name__, is_sent=sent.is_sent) from fault
        except ValueError as fault:
            raise Unreachable("its answer is no HTTP", is_sent=sent.is_sent) from fault

    async def _exchange(self, connection: Connection, idle: list[Connection], request: Send, sent: _Sent) -> Answer:
        reader, writer = connection
        is_kept = False
        try:
            writer.write(head_of(self.gateway, request.method, request.path, request.body) + (request.body or b""))
            await writer.drain()
            sent.is_sent = True
            status, headers = await read_head(reader)
            body, is_kept = await _read_body(reader, status, headers)
        finally:
            if is_kept and not self._is_closed and len(idle) < _IDLE_MAX:
                idle.append(connection)
            else:
                writer.close()
        return Answer(status, headers, body)


class _Sent:
    is_sent = False


async def within(seconds: float, work: Coroutine[Any, Any, Out]) -> Out:
    """Raises TimeoutError. A cancellation reaches the work, and is never lost to it."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        raise TimeoutError
    return task.result()


def head_of(
    gateway: Gateway, method: str, path: str, body: bytes | None, accept: str = "application/json", **more: str
) -> bytes:
    host = f"[{gateway.host}]" if ":" in gateway.host else gateway.host
    headers = {"Host": f"{host}:{gateway.port}", **headers_of(gateway, accept), **more}
    if body is not None:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    elif method != "GET":
        headers["Content-Length"] = "0"
    lines = [f"{method} {gateway.prefix}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    text = "\r\n".join(lines)
    if "\n" in text.replace("\r\n", "") or not text.isascii():
        raise ValueError("a request with a line break or a letter that no header holds")
    return f"{text}\r\n\r\n".encode("ascii")


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """The status, and the headers by names in lower case. Raises EOFError, OSError and ValueError."""
    line = await _line(reader)
    version, _, rest = line.partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
        raise ValueError("no status line")
    headers: dict[str, str] = {}
    for _ in range(_HEADERS_MAX):
        line = await _line(reader)
        if line == "":
            status = int(rest[:3])
            # An interim answer announces another one.
            return (status, headers) if status >= 200 else await read_head(reader)
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    raise ValueError("too many headers")


async def _line(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return line.decode("latin-1").rstrip("\r\n")


async def _read_body(reader: asyncio.StreamReader, status: int, headers: dict[str, str]) -> tuple[bytes, bool]:
    """The body, and whether another request may follow."""
    is_kept = headers.get("connection", "").lower() != "close"
    if status in (204, 304):
        return b"", is_kept
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader), is_kept
    if "content-length" in headers:
        length = int(headers["content-length"])
        if not 0 <= length <= ANSWER_MAX:
            raise ValueError("too long")
        return await reader.readexactly(length), is_kept
    body = await reader.read(ANSWER_MAX + 1)
    if len(body) > ANSWER_MAX:
        raise ValueError("too long")
    return body, False


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while length := int((await _line(reader)).partition(";")[0], 16):
        if not 0 < length <= ANSWER_MAX - len(body):
            raise ValueError("too long")
        body += await reader.readexactly(length)
        await _line(reader)
    while await _line(reader):
        pass
    return bytes(body)
