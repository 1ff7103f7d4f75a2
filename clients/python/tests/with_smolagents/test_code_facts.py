"""Facts of code: names as they resolve, and bounds that are said."""

from __future__ import annotations

from typing import Any

import pytest
from assent.smolagents.code_facts import ITEMS_MAX, NODES_MAX, code_facts


@pytest.mark.parametrize(
    ("code", "field", "expected"),
    [
        ("import os as o\no.system('x')", "calls", ["os.system"]),
        ("o.system('x')\nimport os as o", "calls", ["os.system"]),
        ("import os.path\nos.path.join('a')", "imports", ["os.path"]),
        ("from os import system as s\ns('x')", "calls", ["os.system"]),
        ("from os import system as s\ns('x')", "imports", ["os"]),
        ("f = delete_file\nf('/x')", "tools", ["delete_file"]),
        ("list(map(delete_file, ['/x']))", "tools", ["delete_file"]),
        ("for p in ['/x']:\n    delete_file(p)", "toolsInLoops", ["delete_file"]),
        ("[delete_file(p) for p in ['/x']]", "toolsInLoops", ["delete_file"]),
        ("delete_file('/x')", "toolsInLoops", []),
        ("sub.tools['x'](1)", "attributes", ["sub.tools"]),
        ("f().g.h", "attributes", ["?.g", "?.g.h"]),
        ("'{0.__globals__}'.format(delete_file)", "dunderTexts", ["{0.__globals__}"]),
        ("𝐝𝐞𝐥𝐞𝐭𝐞_file('/x')", "calls", ["delete_file"]),
    ],
)
def test_facts(code: str, field: str, expected: Any) -> None:
    assert code_facts(code, ["delete_file"])[field] == expected


def test_no_python() -> None:
    assert code_facts("def (") == {"parsed": False}
    assert code_facts("x\0") == {"parsed": False}


def test_bounds_are_said() -> None:
    many = code_facts("\n".join(f"f{n}()" for n in range(ITEMS_MAX + 1)))
    assert len(many["calls"]) == ITEMS_MAX and not many["complete"]
    assert not code_facts("\n".join(["1"] * NODES_MAX))["complete"]
    assert code_facts("1")["complete"]
