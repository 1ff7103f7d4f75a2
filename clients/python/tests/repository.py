"""The repository around the package, and the programs of it that tests run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent.parent
NODE = ROOT / "node_modules" / ".bin" / "node"


def vectors(name: str) -> Any:
    """What every implementation must give."""
    return json.loads((ROOT / "vectors" / name).read_text("utf-8"))


def node(program: str, given: Any) -> Any:
    """What an ES module prints as JSON; it reads `given` from its standard input."""
    ran = subprocess.run(
        [NODE, "--input-type=module", "-e", program],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
