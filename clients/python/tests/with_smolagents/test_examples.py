"""The examples, as a newcomer runs them: in their folder, beside `assent dev`, which they find by its file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Iterator

import pytest
from assent import Client
from assent.events import Event
from real_dev import ROOT, Dev

EXAMPLES = ROOT / "examples" / "smolagents"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Dev]:
    folder = tmp_path / "smolagents"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__", ".assent"))
    dev = Dev(folder, None)
    yield dev
    dev.close()


def begun(dev: Dev, name: str, **given: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ASSENT_")} | given
    return subprocess.Popen(
        [sys.executable, "-u", name],
        cwd=dev.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output_of(dev: Dev, name: str) -> str:
    example = begun(dev, name)
    output, _ = example.communicate(timeout=120)
    assert example.returncode == 0, output
    return output


def test_safe_agent(place: Dev) -> None:
    output = output_of(place, "safe_agent.py")
    assert "result: done; deleted: ['/tmp/notes']" in output
    assert len(re.findall(r"^deny ", output, re.M)) == 2
    assert len(re.findall(r"^ALERT  ", output, re.M)) == 2
    assert re.search(r"^deny .* delete_file ", output, re.M) and re.search(r"^allow .* delete_file ", output, re.M)


def test_research(place: Dev) -> None:
    output = output_of(place, "research.py")
    calls = int(re.findall(r"^(\d+) generations, ", output, re.M)[0])
    assert "stopped: The call to `model.generate` was denied" in output
    assert len(re.findall(r"^allow .* model\.generate ", output, re.M)) == calls > 1 and calls * 3_200 <= 20_000


def test_manager(place: Dev) -> None:
    output = output_of(place, "manager.py")
    assert "deleted: ['drafts']" in output
    assert re.search(r"^allow +cleaner +delete_records ", output, re.M)
    assert re.search(r"^deny +cleaner +delete_records ", output, re.M)


def test_alerts(place: Dev) -> None:
    """It goes on behind the violation that it has told of, and hears of one that happened while it was not running."""
    with Client(*place.address) as client:
        violations: list[Event] = []
        two = threading.Semaphore(0)

        def note(event: Event) -> None:
            violations.append(event)
            two.release()

        client.on("policy_violation", note)
        for _ in range(2):
            output_of(place, "manager.py")
            assert two.acquire(timeout=30)
    told, later = violations
    (place.folder / ".assent" / "alerts.place").write_text(told.id)
    key = json.loads(place.assent("keys", "issue", "--role", "auditor", "--name", "alerts", "--json"))["secret"]
    service = begun(place, "alerts.py", ASSENT_URL=place.address[0], ASSENT_KEY=key)
    watchdog = threading.Timer(120, service.kill)
    watchdog.start()
    assert service.stdout is not None
    lines = [next(service.stdout), next(service.stdout)]
    service.kill()
    rest, _ = service.communicate()
    watchdog.cancel()
    assert lines[0] == "listening\n" and rest == ""
    found = re.fullmatch(
        r"ALERT  high  desk/no-customers  'delete_records' of 'default'  call '(\S+)'  ledger (\d+)/(\d+)\n", lines[1]
    )
    assert found is not None and found[1] == later.data["intent"] != told.data["intent"]
    entries = [each for each in place.ledger.up_to(found[1]) if (each.get("call") or {}).get("id") == found[1]]
    assert [(each["kind"], each["verdict"], str(each["seq"])) for each in entries] == [("decision.made", "deny", found[3])]


@pytest.mark.parametrize(
    ("word", "verdict", "sent"), [("grant", "allow", "['bo@example.com']"), ("reject", "deny", "[]")]
)
def test_approval(place: Dev, word: str, verdict: str, sent: str) -> None:
    example = begun(place, "approval.py")
    watchdog = threading.Timer(120, example.kill)
    watchdog.start()
    lines: list[str] = []
    assert example.stdout is not None
    for line in example.stdout:
        lines.append(line)
        asked = re.search(r"npx assent approvals grant (\S+) --by (\S+)", line)
        if asked:
            place.assent("approvals", word, asked[1], "--by", asked[2])
    watchdog.cancel()
    example.stdout.close()
    assert example.wait(30) == 0 and f"sent: {sent}" in lines[-1], "".join(lines)
    assert [line.split()[0] for line in lines if " send_mail " in line] == ["hold", verdict]
