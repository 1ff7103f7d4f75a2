"""A gateway in this process: it answers as the contract says, from a script, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable
from urllib.parse import parse_qsl, urlsplit

KEY = "ak_test_secret"


class FakeGateway:
    """Tools named `deny.*` are denied, `hold.*` held until a person says more, `scarce` allowed once, all others always."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.outcomes: list[dict[str, Any]] = []
        self.abandoned: list[dict[str, Any]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        #: Of each agent the call that has the one that there is of the tool `scarce`.
        self.scarce: dict[str, str] = {}
        #: What each call may take.
        self.deadline_ms = 600_000
        #: Verdicts of people on held calls, by id.
        self.people: dict[str, str] = {}
        #: Tried before each request: a status and a body to answer with, or None.
        self.before: Callable[[str, str], tuple[int, dict[str, str], Any] | None] = lambda method, path: None
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.stream_ids: list[str | None] = []
        #: Streams are broken off after so many events; 0: never.
        self.cut_after = 0
        self.changed = threading.Condition()
        self.is_over = False
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                gateway.answer(self)

            do_GET = do_POST = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def key(self) -> str:
        return KEY

    def close(self) -> None:
        with self.changed:
            self.is_over = True
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def intents(self) -> list[dict[str, Any]]:
        return [body for method, path, _, body in self.requests if path == "/v1/intents"]

    def answer(self, handler: Any) -> None:
        parts = urlsplit(handler.path)
        query = dict(parse_qsl(parts.query))
        length = int(handler.headers.get("content-length", "0"))
        body: Any = json.loads(handler.rfile.read(length)) if length else None
        with self.changed:
            self.requests.append((handler.command, parts.path, query, body))
            self.changed.notify_all()
            special = self.before(handler.command, parts.path)
        if special is not None:
            return self.send(handler, *special)
        if handler.headers["authorization"] != f"Bearer {KEY}":
            return self.problem(handler, 401, "GATEWAY_UNAUTHENTICATED", "no credential", "set ASSENT_KEY")
        route = (handler.command, parts.path)
        if route == ("POST", "/v1/intents"):
            return self.send(handler, *self.decide(body, query))
        if route == ("POST", "/v1/outcomes"):
            with self.changed:
                self.outcomes.append(body)
            return self.send(handler, 202, {}, {"id": body["id"]})
        if route == ("POST", "/v1/abandonments"):
            with self.changed:
                self.abandoned.append(body)
            return self.send(handler, 202, {}, {"id": body["id"]})
        if route == ("GET", "/v1/events"):
            return self.stream(handler, query)
        if handler.command == "GET" and parts.path.startswith("/v1/decisions/"):
            id = parts.path.rsplit("/", 1)[1]
            if id in self.calls:
                outcomes = [{"status": each["status"]} for each in self.outcomes if each["id"] == id]
                return self.send(handler, 200, {}, {"tool": self.calls[id]["tool"], "outcomes": outcomes})
        return self.problem(handler, 404, "GATEWAY_NOT_FOUND", "there is no such thing", "")

    def decide(self, body: dict[str, Any], query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        tool, executor = body["tool"], body.get("executor", "")
        with self.changed:
            first = self.calls.setdefault(body["id"], {"executor": executor, "tool": tool})
            verdict, code, message = self.judge(body, query)
            status = {"hold": "held", "allow": "open", "deny": "closed"}[verdict]
            if status == "open" and first["executor"] != executor:
                status = "taken"
        may_run = verdict == "allow" and status == "open"
        reason = {"code": code, "policy": "p", "rule": "r", "message": message, "mode": "enforce"}
        answer = {
            "id": body["id"],
            "verdict": verdict,
            "status": status,
            "mayRun": may_run,
            "executor": executor,
            "args": body["args"] if may_run else None,
            "source": "reply",
            "reasons": [{**reason, "effect": verdict, "severity": "high", "tags": []}] if verdict != "allow" else [],
            "obligations": {"redact": [], "callDeadlineMs": self.deadline_ms, "leaseMs": 1, "messages": []},
            "budgets": [],
            "begins": [],
            "policyDigest": "d",
            "expiresAt": int(time.time() * 1000) + 60_000 if verdict == "hold" else 0,
            "partition": 0,
            "seq": 1,
            "token": "",
        }
        return (202 if verdict == "hold" else 200), {}, answer

    def judge(self, body: dict[str, Any], query: dict[str, str]) -> tuple[str, str, str]:
        id, tool = body["id"], body["tool"]
        if any(each["id"] == id for each in self.abandoned):
            return "deny", "intent.abandoned", "it was abandoned"
        if tool.startswith("deny."):
            return "deny", "tool.denied", "it is forbidden"
        if tool == "scarce" and self.scarce.setdefault(str(body.get("agent")), id) != id:
            return "deny", "budget.exhausted", "1 of 1 calls are taken"
        if not tool.startswith("hold."):
            return "allow", "", ""
        ends = time.monotonic() + (float(query["wait"].removesuffix("ms")) / 1000 if "hold" in query else 0)
        while id not in self.people and time.monotonic() < ends and not self.is_over:
            self.changed.wait(max(0.001, ends - time.monotonic()))
        verdict = self.people.get(id, "hold")
        return verdict, "tool.held" if verdict == "hold" else "approval.rejected", "a person is asked"

    def say(self, id: str, verdict: str) -> None:
        """A person's word on a held call."""
        with self.changed:
            self.people[id] = verdict
            self.changed.notify_all()

    def emit(self, type: str, data: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((str(len(self.events) + 1), type, data))
            self.changed.notify_all()

    def stream(self, handler: Any, query: dict[str, str]) -> None:
        last = handler.headers.get("last-event-id")
        wanted = query.get("type", "").split(",") if "type" in query else None
        # Before its head is sent: whoever has read that hears of everything from then on.
        with self.changed:
            at, sent = int(last) if last else len(self.events), 0
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.wfile.write(b": here\n\n")
        handler.close_connection = True
        with self.changed:
            self.stream_ids.append(last)
            self.changed.notify_all()
            while not self.is_over:
                for id, type, data in self.events[at:]:
                    at += 1
                    if wanted is None or type in wanted:
                        handler.wfile.write(f"id: {id}\nevent: {type}\ndata: {json.dumps(data)}\n\n".encode())
                        sent += 1
                    if self.cut_after and sent >= self.cut_after:
                        return
                self.changed.wait(0.05)

    def problem(self, handler: Any, status: int, code: str, detail: str, help: str) -> None:
        body = {"type": f"https://assent.dev/errors#{code}", "title": code, "status": status}
        self.send(handler, status, {}, {**body, "detail": detail, "code": code, "help": help})

    def send(self, handler: Any, status: int, headers: dict[str, str], body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        is_problem = status >= 400 and not isinstance(body, bytes)
        handler.send_header("content-type", "application/problem+json" if is_problem else "application/json")
        handler.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)


def problem(status: int, code: str, **headers: str) -> tuple[int, dict[str, str], Any]:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, fields, {"title": code, "status": status, "detail": "as the test says", "code": code, "help": "h"}
