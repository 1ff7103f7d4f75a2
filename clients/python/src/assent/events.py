"""Events of the gateway (server-sent), read as they come and resumed behind the last one where the stream breaks."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Sequence

from .calls import usage
from .errors import AssentError
from .exchange import Answer, Pauses, Unreachable, is_for_later, json_of, path_of, problem_of, unreachable
from .pool import Pool, headers_of

logger = logging.getLogger("assent")

TYPES = ("policy_check", "policy_violation", "tool_call_blocked", "checkpoint_created", "drift_detected")
#: Without a line for this long, not even a comment, the stream is taken for broken. In seconds.
SILENCE_MAX = 60.0


@dataclass(frozen=True)
class Event:
    type: str
    data: dict[str, Any]
    #: Behind which a stream can be resumed.
    id: str


def events_path(types: Sequence[str] | None) -> str:
    """Raises ASSENT_USAGE for a type that there is not."""
    for each in types or ():
        if each not in TYPES:
            raise usage(f"there are no events `{each}`", f"there are {', '.join(TYPES)}")
    return path_of("events", type=",".join(types) if types else None)


class EventParser:
    """From lines to events, as server-sent events are written."""

    def __init__(self, last_id: str | None) -> None:
        self.last_id = last_id or ""
        self._type = ""
        self._data: list[str] = []

    def take(self, line: str) -> Event | None:
        """The event that an empty line ends."""
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name == "event":
                self._type = value
            elif name == "id" and "\0" not in value:
                self.last_id = value
            return None
        type, data = self._type, "\n".join(self._data)
        self._type, self._data = "", []
        # The gateway says why it ends the stream: it is resumed, whyever.
        if not data or type == "stream_ended":
            return None
        try:
            content = json_of(data)
        except ValueError:
            return None
        return Event(type or "message", content, self.last_id) if isinstance(content, dict) else None


class EventStream(Iterable[Event]):
    def __init__(self, pool: Pool, types: Sequence[str] | None, last_event_id: str | None) -> None:
        self._pool = pool
        self._path = events_path(types)
        self._parser = EventParser(last_event_id)
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        #: Set once the gateway has accepted the stream, or it has failed for good.
        self.is_open = threading.Event()
        self.fault: AssentError | None = None

    def __iter__(self) -> Iterator[Event]:
        """Raises AssentError where the gateway refuses; a gateway that is not there is waited for."""
        pauses = Pauses(longest=10.0)
        try:
            while not self._over.is_set():
                answer: Answer | None = None
                try:
                    for event in self._read():
                        pauses = Pauses(longest=10.0)
                        yield event
                        if self._over.is_set():
                            return
                except _Refused as refused:
                    answer = refused.answer
                    if not is_for_later(answer):
                        raise problem_of(answer) from None
                except (OSError, http.client.HTTPException, ValueError) as fault:
                    if not self.is_open.is_set():
                        self.fault = unreachable(self._pool.gateway.url, Unreachable(str(fault)))
                self._over.wait(pauses.after(answer))
        except AssentError as fault:
            self.fault = fault
            self.is_open.set()
            raise
        finally:
            self.stop()

    def stop(self) -> None:
        self._over.set()
        try:
            if self._socket is not None:
                # Wakes the thread that reads; closing alone would not.
                self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _read(self) -> Iterator[Event]:
        gateway = self._pool.gateway
        connection = self._pool.connect(SILENCE_MAX)
        try:
            connection.connect()
            self._socket = connection.sock
            if self._over.is_set():
                return
            headers = headers_of(gateway, "text/event-stream")
            if self._parser.last_id:
                headers["Last-Event-ID"] = self._parser.last_id
            connection.request("GET", gateway.prefix + self._path, headers=headers)
            with connection.getresponse() as response:
                if response.status != 200:
                    fields = {name.lower(): value for name, value in response.getheaders()}
                    raise _Refused(Answer(response.status, fields, response.read(65_536)))
                while line := response.readline():
                    # The first line says that everything from now on is heard.
                    self.is_open.set()
                    event = self._parser.take(line.decode("utf-8").rstrip("\r\n"))
                    if event is not None:
                        yield event
        finally:
            self._socket = None
            connection.close()


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Subscription:
    """A listener on a thread of its own, which no program waits for at its end."""

    def __init__(self, stream: EventStream, listener: Callable[[Event], None]) -> None:
        self._stream = stream
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="assent-events", daemon=True)

    def start(self, timeout: float) -> None:
        """Returns when events are being listened for. Raises AssentError where that is refused, or does not come in time."""
        self._thread.start()
        is_open = self._stream.is_open.wait(timeout)
        fault = self._stream.fault
        if is_open and fault is None:
            return
        self.stop()
        raise fault or unreachable(self._stream._pool.gateway.url, Unreachable("no answer in time"))

    def stop(self) -> None:
        self._stream.stop()
        if threading.current_thread() is not self._thread:
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            for event in self._stream:
                try:
                    self._listener(event)
                except Exception:
                    logger.exception("a listener of `%s` failed", event.type)
        except AssentError as fault:
            logger.warning("no more events: %s", fault)
