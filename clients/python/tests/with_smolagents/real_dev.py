"""`assent dev` of this repository in a folder, and what its ledger says."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from assent import Client

ROOT = Path(__file__).resolve().parents[4]
NODE = ROOT / "node_modules" / ".bin" / "node"
MAIN = ROOT / "dist" / "cli" / "main.js"
START_SECONDS = 60.0


class Dev:
    """`policy`: texts with `---` between them; None: the folder has some, in `active`."""

    def __init__(self, folder: Path, policy: str | None) -> None:
        self.folder = folder
        active = folder / "active"
        if policy is not None:
            active.mkdir()
            for number, text in enumerate(policy.split("\n---\n")):
                (active / f"{number}.yaml").write_text(text, "utf-8")
        self._reader: threading.Thread | None = None
        self._log = (folder / "stderr").open("ab")
        self._process = subprocess.Popen(
            [str(NODE), str(MAIN), "dev", "--policy", "active", "--json", "--quiet", "--gateway-port", "0"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        watchdog = threading.Timer(START_SECONDS, self._process.kill)
        watchdog.start()
        is_ready = any(json.loads(line).get("event") == "ready" for line in self._process.stdout)
        watchdog.cancel()
        if not is_ready:
            self._end()
            raise AssertionError((folder / "stderr").read_text("utf-8"))
        # What it prints is read, so that it never waits for its reader.
        self._reader = threading.Thread(target=self._process.stdout.read, daemon=True)
        self._reader.start()
        self._gateway = json.loads((folder / ".assent" / "gateway.json").read_text("utf-8"))

    @property
    def environment(self) -> dict[str, str]:
        return {"ASSENT_URL": str(self._gateway["url"]), "ASSENT_KEY": str(self._gateway["key"])}

    def client(self, **options: Any) -> Client:
        return Client(self._gateway["url"], self._gateway["key"], **options)

    def assent(self, *args: str) -> str:
        """The output of `assent …` in the folder."""
        ran = subprocess.run(
            [str(NODE), str(MAIN), *args], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        # A person's no ends with 1: the call is denied, as it should be.
        assert ran.returncode in (0, 1), f"{args}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def entries(self) -> list[dict[str, Any]]:
        """The ledger, entry by entry."""
        lines = self.assent("tail", "decisions", "--jsonl").splitlines()
        values = [json.loads(line)["value"] for line in lines]
        return [value for value in values if isinstance(value, dict) and "kind" in value]

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._end()

    def _end(self) -> None:
        self._process.wait(30)
        if self._reader is not None:
            self._reader.join(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()


class Told:
    """What the ledger says of the calls of one session."""

    def __init__(self, dev: Dev, session: str) -> None:
        entries = dev.entries()
        kinds = ("decision.made", "decision.held")
        self.made = [each for each in entries if each["kind"] in kinds and each["call"]["session"] == session]
        ids = {each["call"]["id"] for each in self.made}
        about = [each for each in entries if (each.get("call") or {}).get("id") in ids]
        self._allowed = {
            each["call"]["id"]
            for each in about
            if (each["kind"], each.get("verdict")) == ("decision.made", "allow")
            or (each["kind"], each.get("result")) == ("approval.recorded", "allow")
        }
        self._abandoned = {each["call"]["id"] for each in about if each["kind"] == "intent.abandoned"}
        self.settled = [each for each in about if each["kind"] == "usage.settled"]

    def calls(self, tool: str) -> list[dict[str, Any]]:
        return [each["call"] for each in self.made if each["call"]["tool"] == tool]

    def verdicts(self, tool: str) -> list[str]:
        """The first of each call."""
        return [each.get("verdict", "hold") for each in self.made if each["call"]["tool"] == tool]

    def allowed(self, tool: str) -> int:
        """Calls that were allowed, at once or by a person, and not given up: as many bodies must have run."""
        return len({call["id"] for call in self.calls(tool)} & self._allowed - self._abandoned)

    def status_of(self, tool: str) -> list[str]:
        ids = {call["id"] for call in self.calls(tool)}
        return [each["status"] for each in self.settled if each["call"]["id"] in ids]

    def tokens(self) -> int:
        return sum(each["usage"]["tokens"] or 0 for each in self.settled)
