"""`assent dev` of this repository in a folder, its ledger as it grows, and clients whose calls are found in it again."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any, Iterable

from assent import Client, Decision
from scenario_client import Asked, Row, ScenarioClient

ROOT = Path(__file__).resolve().parents[4]
NODE = ROOT / "node_modules" / ".bin" / "node"
MAIN = ROOT / "dist" / "cli" / "main.js"
START_SECONDS = 60.0
LEDGER_SECONDS = 30.0


class Dev:
    """`policies`: their texts; None: the folder has some, in `active`."""

    def __init__(self, folder: Path, policies: Iterable[str] | None) -> None:
        self.folder = folder
        active = folder / "active"
        if policies is not None:
            active.mkdir()
            for number, text in enumerate(policies):
                (active / f"{number}.yaml").write_text(text, "utf-8")
        self._log = (folder / "stderr").open("ab")
        self._dev = self._begun("dev", "--policy", "active", "--json", "--quiet", "--gateway-port", "0")
        self._readers: list[threading.Thread] = []
        self._tail: subprocess.Popen[str] | None = None
        assert self._dev.stdout is not None
        watchdog = threading.Timer(START_SECONDS, self._dev.kill)
        watchdog.start()
        is_ready = any(json.loads(line).get("event") == "ready" for line in self._dev.stdout)
        watchdog.cancel()
        if not is_ready:
            self.close()
            raise AssertionError((folder / "stderr").read_text("utf-8"))
        # What it prints is read, so that it never waits for its reader.
        self._reading(self._dev.stdout.read)
        self._gateway = json.loads((folder / ".assent" / "gateway.json").read_text("utf-8"))

    def _begun(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(NODE), str(MAIN), *args],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def _reading(self, read: Any) -> None:
        self._readers.append(threading.Thread(target=read, daemon=True))
        self._readers[-1].start()

    @property
    def address(self) -> tuple[str, str]:
        """URL and key."""
        return str(self._gateway["url"]), str(self._gateway["key"])

    @cached_property
    def approver(self) -> Client:
        """A person with a key of their own."""
        issued = self.assent("keys", "issue", "--role", "approver", "--name", "ann@example.com", "--json")
        return Client(self._gateway["url"], json.loads(issued)["secret"])

    @cached_property
    def ledger(self) -> Ledger:
        self._tail = self._begun("tail", "decisions", "--follow", "--jsonl")
        assert self._tail.stdout is not None
        ledger, lines = Ledger(), self._tail.stdout
        self._reading(lambda: ledger.read(lines))
        return ledger

    def assent(self, *args: str) -> str:
        """The output of `assent …` in the folder."""
        ran = subprocess.run(
            [str(NODE), str(MAIN), *args], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        # A person's no ends with 1: the call is denied, as it should be.
        assert ran.returncode in (0, 1), f"{args}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def close(self) -> None:
        if "approver" in vars(self):
            self.approver.close()
        processes = [each for each in (self._tail, self._dev) if each is not None]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)
        for reader in self._readers:
            reader.join(10)
        for process in processes:
            if process.stdout is not None:
                process.stdout.close()
        self._log.close()


class Ledger:
    """The entries of `assent tail decisions --follow --jsonl`."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._has_more = threading.Condition()

    def read(self, lines: Iterable[str]) -> None:
        for line in lines:
            record = json.loads(line)
            value = record["value"]
            if not isinstance(value, dict) or "kind" not in value:
                continue
            assert record["valid"] is True
            with self._has_more:
                self._entries.append(value)
                self._has_more.notify_all()

    def up_to(self, id: str) -> list[dict[str, Any]]:
        """All entries once that of the call is among them. A partition is read in its order."""
        seen = 0

        def is_here() -> bool:
            nonlocal seen
            new, seen = self._entries[seen:], len(self._entries)
            return any((each.get("call") or {}).get("id") == id for each in new)

        with self._has_more:
            assert self._has_more.wait_for(is_here, LEDGER_SECONDS), f"the ledger does not have {id}"
            return list(self._entries)

    def of(self, agent: str, last_id: str) -> list[dict[str, Any]]:
        """The entries about the agent's calls, its last one among them."""
        return [each for each in self.up_to(last_id) if (each.get("call") or {}).get("agent") == agent]


class DevClient(ScenarioClient, Client):
    """Asks as an agent that nobody else has, so that its calls are found again by its name."""

    def __init__(self, dev: Dev, kind_of_agent: str, **options: Any) -> None:
        ScenarioClient.__init__(self)
        Client.__init__(self, *dev.address, agent=f"{kind_of_agent}.{uuid.uuid4().hex}", **options)
        self.dev = dev
        self._ids: set[str] = set()
        self._lock = threading.Lock()
        self._rows: list[Row] | None = None
        self._is_over = threading.Event()

    def decide(self, tool: str, args: Any, **options: Any) -> Decision:
        actor, estimate = tuple(options.get("actor") or ()), options.get("estimate")
        asked = Asked(
            options["id"],
            tool,
            args,
            options.get("session"),
            actor,
            None if estimate is None else estimate["tokens"],
            options.get("deadline"),
            options.get("executor") or "",
        )
        self.before(asked)
        with self._lock:
            if asked.id not in self._ids:
                self._ids.add(asked.id)
                self.asked.append(asked)
            self._rows = None
        decision = super().decide(tool, args, **options)
        self.after(asked)
        if decision.verdict == "hold" and options.get("on_hold") == "return":
            threading.Thread(target=self._answer, args=(tool, decision.id), daemon=True).start()
        return decision

    def _answer(self, tool: str, id: str) -> None:
        """As a person does, once the test has said what."""
        while tool not in self.answers:
            if self._is_over.wait(0.02):
                return
        approvals = self.dev.approver.approvals
        held = approvals.get(id, agent=self.agent)
        (approvals.grant if self.answers[tool] == "grant" else approvals.reject)(held)

    def report(self, *args: Any, **options: Any) -> None:
        super().report(*args, **options)
        self._rows = None

    def abandon(self, *args: Any, **options: Any) -> None:
        super().abandon(*args, **options)
        self._rows = None

    def close(self) -> None:
        self._is_over.set()
        super().close()

    def rows(self) -> list[Row]:
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    def entries(self) -> list[dict[str, Any]]:
        """Of this agent. What was published before the last call is before it in the ledger."""
        last = f"last-{uuid.uuid4().hex}"
        Client.decide(self, "last_call", {}, id=last, on_hold="return")
        calls = self.dev.ledger.of(str(self.agent), last)
        return [each for each in calls if not each["call"]["id"].startswith("last-")]

    def _read(self) -> list[Row]:
        rows = rows_of(self.entries())
        assert self._ids >= {row.id for row in rows}, "the ledger has calls that nobody asked for"
        return rows


def rows_of(entries: Iterable[dict[str, Any]]) -> list[Row]:
    """Of the entries of one agent."""
    rows: dict[str, Row] = {}
    for entry in entries:
        call, kind = entry["call"], entry["kind"]
        if kind in ("decision.made", "decision.held"):
            verdict = entry.get("verdict", "hold")
            row = rows.setdefault(call["id"], Row(call["id"], call["tool"], verdict, False))
            row.is_allowed = row.is_allowed or verdict == "allow"
        elif kind == "approval.recorded":
            rows[call["id"]].is_allowed = entry["result"] == "allow"
        elif kind == "intent.abandoned":
            rows[call["id"]].abandoned_because = entry["reason"]
        elif kind == "usage.settled":
            rows[call["id"]].outcome, rows[call["id"]].tokens = entry["status"], entry["usage"]["tokens"]
    return list(rows.values())
