"""The real gateway: `assent dev` of this repository, with the policy that the fake one has built in."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from repository import NODE, ROOT

POLICY = """
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: test }
tools:
  allow: all
  deny: ["deny.*"]
  hold: ["hold.*"]
obligations:
  - { tools: [brief], deadline: 200ms }
approvals:
  default: { approvers: ["*"], self: allowed }
limits:
  - name: one
    measure: tool_calls
    scope: agent
    max: 1
    tools: [scarce]
  - name: spent
    measure: tokens
    scope: agent
    max: 100
    tools: [model.generate]
"""
MAIN = ROOT / "dist" / "cli" / "main.js"
START_SECONDS = 60.0


class DevGateway:
    """`folder`: where its log is, and its `.assent/gateway.json`. `config`: its configuration file, where it has one."""

    def __init__(self, folder: Path, policy: str = POLICY, config: str | None = None) -> None:
        self.folder = folder
        self._config = [] if config is None else ["--config", "config.yaml"]
        if config is not None:
            (folder / "config.yaml").write_text(config)
        (folder / "policy.yaml").write_text(policy)
        self.port = 0
        self._start()

    def _start(self) -> None:
        command = [str(NODE), str(MAIN), "dev", "--policy", "policy.yaml", "--json", "--quiet"]
        command += ["--gateway-port", str(self.port), *self._config]
        self._log = (self.folder / "stderr").open("ab")
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=self._log, stdin=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        ready: dict[str, Any] = {}
        for line in self.process.stdout:
            ready = json.loads(line)
            if ready.get("event") == "ready":
                break
        watchdog.cancel()
        assert ready.get("event") == "ready", (self.folder / "stderr").read_text()
        self.url = str(ready["gateway"])
        self.port = int(self.url.rsplit(":", 1)[1])
        # What it prints is read, so that it never waits for its reader.
        self._reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self._reader.start()

    @property
    def key(self) -> str:
        return str(json.loads((self.folder / ".assent" / "gateway.json").read_text())["key"])

    def kill(self) -> None:
        """SIGKILL, and a new one at the same address."""
        self.process.kill()
        self._ended()
        self._start()

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self._ended()

    def _ended(self) -> None:
        self.process.wait(30)
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A command of `assent`, with the same configuration."""
        command = [str(NODE), str(MAIN), *args, *self._config]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)

    def say(self, id: str, verdict: str) -> None:
        """A person's word on a held call."""
        word = {"allow": "grant", "deny": "reject"}[verdict]
        # Exit 1: the call is denied, as it should be.
        ran = self.run("approvals", word, id, "--by", "ann@example.com")
        assert ran.returncode in (0, 1), ran.stderr
