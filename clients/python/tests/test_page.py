"""docs/python.md: its policy, its programs and what they print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
from assent import Client
from dev_gateway import MAIN, DevGateway
from repository import NODE, ROOT

PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
POLICY = next(text for kind, text in BLOCKS if kind == "yaml")
#: Programs by their names, each with what it prints.
PROGRAMS = {
    text.partition("\n")[0].removeprefix("# "): (text, BLOCKS[at + 1][1])
    for at, (kind, text) in enumerate(BLOCKS)
    if kind == "python"
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevGateway]:
    dev = DevGateway(tmp_path_factory.mktemp("page"), POLICY)
    yield dev
    dev.close()


def test_the_page_has_its_programs() -> None:
    assert list(PROGRAMS) == ["first.py", "spending.py", "approving.py", "later.py", "by_hand.py"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_the_page_prints_what_the_page_says(gateway: DevGateway, name: str) -> None:
    program, printed = PROGRAMS[name]
    (gateway.folder / name).write_text(program)
    ran = subprocess.run(
        [sys.executable, name], cwd=gateway.folder, capture_output=True, text=True, timeout=60, env=environment()
    )
    assert (ran.stdout, ran.stderr) == (printed, "")


def environment() -> dict[str, str]:
    """Of a newcomer: nothing of Assent is set."""
    return {"PATH": str(Path(sys.executable).parent), "PYTHONWARNINGS": "error"}


def test_the_commands_of_the_page_do_what_it_says(gateway: DevGateway) -> None:
    named = re.findall(r"`npx (assent [^`]+)`", PAGE)
    assert [" ".join(each.split()[1:3]) for each in named] == [
        "tail decisions",
        "approvals list",
        "approvals grant",
        "calls unknown",
        "keys issue",
    ]
    with Client(gateway.url, gateway.key, agent="planner") as client:
        held = client.decide("pay", {"to": "bo"}, on_hold="return")
        printed = {each: assent(gateway, each.replace("ID", held.id)) for each in named}
        granted = client.decide("pay", {"to": "bo"}, id=held.id, executor=held.executor)
        assert granted.may_run
        client.report(granted)
    tailed, listed, _, _, issued = printed.values()
    assert held.id in tailed and held.id in listed
    with Client(gateway.url, issued.strip(), agent="coder-1") as client:
        assert client.decide("read_file", {"path": "a"}).may_run


def assent(gateway: DevGateway, command: str) -> str:
    """What a command of the page prints, `assent` being that of this repository."""
    words = [str(NODE), str(MAIN), *shlex.split(command)[1:]]
    ran = subprocess.run(words, cwd=gateway.folder, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, f"{command}: {ran.stderr}"
    return ran.stdout


def test_the_page_installs_the_package_of_this_repository() -> None:
    (command,) = re.findall(r"pip install (.+)$", PAGE, re.MULTILINE)
    assert (ROOT / command / "pyproject.toml").is_file()
