"""Installing: into a fresh environment, as the page for newcomers says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from repository import PACKAGE


def test_it_installs_with_smolagents_into_a_fresh_environment(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    python = str(tmp_path / "venv" / "bin" / "python")
    # A copy, so that nothing but what is in it can be what is installed.
    copy = tmp_path / "python"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns(".venv", "__pycache__", ".mypy_cache"))
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{copy}[smolagents]"]
    subprocess.run(install, check=True, timeout=400)
    shutil.rmtree(copy)
    program = """
import importlib.metadata, importlib.resources, json, sys
import assent
needs = importlib.metadata.requires("assent")
print(json.dumps({
    "typed": importlib.resources.files("assent").joinpath("py.typed").is_file(),
    "licence": importlib.metadata.metadata("assent")["License-Expression"],
    "needs": [each for each in needs if "extra ==" not in each],
    "smolagents": importlib.metadata.version("smolagents"),
    "names": [name for name in assent.__all__ if not hasattr(assent, name)],
    "others": sorted({name.partition(".")[0] for name in sys.modules} & {"smolagents", "requests", "httpx", "pydantic"}),
}))
"""
    ran = subprocess.run([python, "-I", "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path)
    found = json.loads(ran.stdout)
    smolagents = tuple(map(int, found.pop("smolagents").split(".")[:2]))
    assert (1, 26) <= smolagents < (1, 28)
    assert found == {"typed": True, "licence": "Apache-2.0", "needs": [], "names": [], "others": []}
