"""The policy that a program asks for: its runs are refused unless the active ones are equal or stricter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import AssentError

ENOUGH = ("equal", "stricter")


@dataclass(frozen=True)
class GovernancePolicy:
    """The text of a policy: Assent's own, or a GovernancePolicy of Agent-OS. The gateway reads it, and says what is wrong."""

    name: str
    text: str

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> GovernancePolicy:
        """Raises OSError where the file cannot be read, UnicodeDecodeError where it is no text."""
        file = Path(path)
        return cls(file.name, file.read_text("utf-8"))

    def check(self, client: Any) -> dict[str, Any]:
        """Raises POLICY_LOOSER where the active policies admit what this one does not, or where that is not known."""
        answer: dict[str, Any] = client.request(
            "POST", "/v1/policies/compare", {"sources": [{"name": self.name, "text": self.text}]}
        )
        if answer["relation"] not in ENOUGH:
            raise AssentError(
                "POLICY_LOOSER",
                f"the active policies are not as strict as {self.name}: {answer['summary']}",
                "activate it: `assent policy activate`, or GovernancePolicy.activate()",
            )
        return answer
