"""docs/python.md: its policy, its programs and what they print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
from dev_gateway import DevGateway
from repository import ROOT

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


def test_the_page_installs_the_package_of_this_repository() -> None:
    (command,) = re.findall(r"pip install (.+)$", PAGE, re.MULTILINE)
    assert (ROOT / command / "pyproject.toml").is_file()
