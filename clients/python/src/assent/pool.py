"""Blocking HTTP/1.1 to one gateway: connections that are kept and used by any thread, and none that a fork shares."""

from __future__ import annotations

import http.client
import os
import ssl
import threading
import weakref

from .configuration import Gateway
from .exchange import ANSWER_MAX, Answer, Send, Unreachable

#: Connections that are kept while nobody uses them.
_IDLE_MAX = 32

_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def headers_of(gateway: Gateway, accept: str = "application/json") -> dict[str, str]:
    return {"Authorization": f"Bearer {gateway.key}", "Accept": accept, "User-Agent": "assent-python"}


class Pool:
    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._tls = ssl.create_default_context() if gateway.is_tls else None
        self._is_closed = False
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        # At the end of the program, too: a client that decorates functions is closed by nobody.
        weakref.finalize(self, _close_all, self._idle)
        _pools.add(self)

    def in_child(self) -> None:
        """After a fork: the lock may be held by a thread that the child has not, and the connections are the parent's."""
        self._lock = threading.Lock()
        _close_all(self._idle)

    def send(self, request: Send) -> Answer:
        """Raises Unreachable."""
        connection = self._take() if request.is_repeatable else None
        if connection is not None:
            try:
                return self._exchange(connection, request)
            except _Stale:
                pass  # The gateway has closed it meanwhile: what is asked has an id, and may be asked again.
        try:
            return self._exchange(self.connect(request.timeout), request)
        except _Stale as fault:
            raise Unreachable(str(fault), is_sent=fault.is_sent) from fault

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        """A connection of one's own."""
        gateway = self.gateway
        if self._tls is not None:
            return http.client.HTTPSConnection(gateway.host, gateway.port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection(gateway.host, gateway.port, timeout=timeout)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            _close_all(self._idle)

    def _take(self) -> http.client.HTTPConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _IDLE_MAX and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, request: Send) -> Answer:
        headers = headers_of(self.gateway)
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        connection.timeout = request.timeout
        is_sent = False
        try:
            if connection.sock is not None:
                connection.sock.settimeout(request.timeout)
            connection.request(request.method, self.gateway.prefix + request.path, request.body, headers)
            is_sent = True
            response = connection.getresponse()
            body = response.read(ANSWER_MAX + 1)
            if len(body) > ANSWER_MAX:
                raise Unreachable("its answer is too long", is_sent=True)
            answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        except TimeoutError as fault:
            connection.close()
            raise Unreachable("no answer in time", is_late=is_sent) from fault
        except (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest) as fault:
            connection.close()
            raise _Stale(_why(fault), is_sent) from fault
        except (OSError, http.client.HTTPException) as fault:
            connection.close()
            raise Unreachable(_why(fault), is_sent=is_sent) from fault
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._keep(connection)
        return answer


class _Stale(Exception):
    """The connection ended before an answer began."""

    def __init__(self, why: str, is_sent: bool) -> None:
        super().__init__(why)
        self.is_sent = is_sent


def _why(fault: BaseException) -> str:
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _in_child() -> None:
    for pool in list(_pools):
        pool.in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
