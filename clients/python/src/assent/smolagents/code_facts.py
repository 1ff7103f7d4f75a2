"""What a code action would do, read from its syntax: what it imports, which names it calls, which attributes it follows.

The facts stand beside the code in the arguments of its intent, so that a policy can speak of them: `args.facts.imports`. They are
what the text says, not what runs: names built at run time are not seen. Everything is bounded; `complete` is false where a bound cut.
"""

from __future__ import annotations

import ast
import unicodedata
from collections import deque
from typing import Any, Iterable, Iterator

ITEMS_MAX = 200
TEXT_LENGTH_MAX = 200
NODES_MAX = 50_000


def code_facts(code: str, tools: Iterable[str] = ()) -> dict[str, Any]:
    """Lists are sorted and free of repetitions. `{"parsed": False}` where it is no Python: then nothing of it runs."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"parsed": False}
    reader = _Reader(frozenset(tools))
    reader.read(tree)
    return reader.facts()


class _Reader:
    def __init__(self, tools: frozenset[str]) -> None:
        self._tools = tools
        self._imports: set[str] = set()
        self._calls: set[str] = set()
        self._names: set[str] = set()
        self._attributes: set[str] = set()
        self._texts: set[str] = set()
        self._aliases: dict[str, str] = {}
        self._looped: set[str] = set()
        self._complete = True

    def read(self, tree: ast.AST) -> None:
        """Names are read first: a use may stand before the import in the text."""
        nodes = list(_bounded_walk(tree))
        self._complete = len(nodes) <= NODES_MAX
        for node, _ in nodes:
            self._learn_names(node)
        for node, in_loop in nodes:
            if isinstance(node, ast.Call):
                name = self._resolved(node.func)
                self._calls.add(name)
                if in_loop and name in self._tools:
                    self._looped.add(name)
            elif isinstance(node, ast.Attribute):
                self._attributes.add(self._resolved(node))
            elif isinstance(node, ast.Name):
                self._names.add(self._resolved(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._texts.add(node.value)

    def _learn_names(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = _name(alias.name)
                self._imports.add(module)
                first = module.split(".")[0]
                self._aliases[_name(alias.asname) if alias.asname else first] = module if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            module = _name(node.module or "")
            self._imports.add(module)
            for alias in node.names:
                self._aliases[_name(alias.asname or alias.name)] = f"{module}.{_name(alias.name)}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            meant = self._resolved(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id not in self._tools:
                    self._aliases.setdefault(_name(target.id), meant)

    def _resolved(self, node: ast.AST) -> str:
        """`o.system` is `os.system` after `import os as o`; what no name leads to begins with `?`."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(_name(node.attr))
            node = node.value
        if isinstance(node, ast.Name):
            name = _name(node.id)
            parts.append(self._aliases.get(name, name))
        else:
            parts.append("?")
        return ".".join(reversed(parts))

    def facts(self) -> dict[str, Any]:
        tools = {name for name in self._names | self._calls if name in self._tools}
        return {
            "parsed": True,
            "imports": self._bounded(self._imports),
            "calls": self._bounded(self._calls),
            "attributes": self._bounded(self._attributes),
            "tools": self._bounded(tools),
            "toolsInLoops": self._bounded(self._looped),
            # A format string can read past the interpreter's ban on such attributes.
            "dunderTexts": self._bounded(text for text in self._texts if "__" in text),
            "complete": self._complete,
        }

    def _bounded(self, names: Iterable[str]) -> list[str]:
        listed = sorted(name if len(name) <= TEXT_LENGTH_MAX else name[: TEXT_LENGTH_MAX - 1] + "…" for name in names)
        if len(listed) > ITEMS_MAX:
            self._complete = False
        return [name.encode("utf-8", "backslashreplace").decode("utf-8") for name in listed[:ITEMS_MAX]]


_LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _bounded_walk(tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Nodes, and whether they are within a loop; one more than NODES_MAX where there are more."""
    nodes: deque[tuple[ast.AST, bool]] = deque([(tree, False)])
    count = 0
    while nodes and count <= NODES_MAX:
        node, in_loop = nodes.popleft()
        count += 1
        yield node, in_loop
        is_loop = in_loop or isinstance(node, _LOOPS)
        nodes.extend((child, is_loop) for child in ast.iter_child_nodes(node))


def _name(text: str) -> str:
    """As Python reads an identifier."""
    return unicodedata.normalize("NFKC", text)
