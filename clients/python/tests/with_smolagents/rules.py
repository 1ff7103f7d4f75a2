"""What agents of the scenarios may do: the stand-in asks these rules, `assent dev` has a policy for each of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenario_client import Asked


@dataclass(frozen=True)
class Rules:
    """They hold for agents whose name begins with the name of the rules and a dot."""

    name: str
    deny: tuple[str, ...] = ()
    #: Denied by a rule of severity critical.
    hard: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    #: A text that no argument of any tool may contain.
    forbidden_text: str = ""
    #: Calls of a tool, and tokens of everything.
    max_calls: tuple[tuple[str, int], ...] = ()
    max_tokens: int | None = None

    def __call__(self, asked: Asked) -> Any:
        """Allow, deny or hold, or a pair of it and a severity; what is counted is the stand-in's own business."""
        if asked.tool in self.hard:
            return "deny", "critical"
        if asked.tool in self.deny or (self.forbidden_text and self.forbidden_text in json.dumps(asked.args)):
            return "deny"
        return "hold" if asked.tool in self.hold else "allow"

    def policy(self) -> str:
        """JSON is YAML."""
        limits = [
            {"name": f"calls-{number}", "measure": "tool_calls", "scope": "agent", "max": most, "tools": [tool]}
            for number, (tool, most) in enumerate(self.max_calls)
        ]
        if self.max_tokens is not None:
            limits.append({"name": "tokens", "measure": "tokens", "scope": "agent", "max": self.max_tokens})
        return json.dumps(
            {
                "apiVersion": "assent.dev/v1",
                "kind": "Policy",
                "metadata": {"name": self.name},
                "appliesTo": {"agents": [f"{self.name}.*"]},
                "tools": {
                    "allow": "all",
                    "deny": [*self.deny, *({"name": "hard", "tools": [tool], "severity": "critical"} for tool in self.hard)],
                    "hold": list(self.hold),
                },
                "patterns": [{"name": "forbidden", "substring": self.forbidden_text}] if self.forbidden_text else [],
                "approvals": {"default": {"approvers": ["*"]}},
                "limits": limits,
            }
        )


ALLOWS = Rules("allows")
DENIES_DELETE = Rules("denies-delete", deny=("delete_file",))
DENIES_DELETE_HARD = Rules("denies-delete-hard", hard=("delete_file",))
DENIES_FAILING = Rules("denies-failing", deny=("failing",))
DENIES_FAILING_HARD = Rules("denies-failing-hard", hard=("failing",))
DENIES_CALLABLES = Rules("denies-callables", deny=("wipe", "box.wipe", "load.result"))
DENIES_SERVED = Rules("denies-served", deny=("served",))
DENIES_MODEL = Rules("denies-model", deny=("model.generate",))
DENIES_SECRETS = Rules("denies-secrets", deny=(), forbidden_text="secret")
HOLDS_DELETE = Rules("holds-delete", hold=("delete_file",))
ONE_DELETE = Rules("one-delete", max_calls=(("delete_file", 1),))
ONE_GENERATION = Rules("one-generation", max_calls=(("model.generate", 1),))
TOKENS_220 = Rules("tokens-220", max_tokens=220)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rules))
