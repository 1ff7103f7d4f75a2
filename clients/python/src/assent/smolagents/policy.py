"""The policy that a program asks for: its runs are refused unless the active policies are equal or stricter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import AssentError
from .governor import CODE_TOOL, MODEL_TOOL

#: Calls of smolagents that a GovernancePolicy of Agent-OS has no word for: they pass its list of tools and are not counted.
BESIDES = (MODEL_TOOL, CODE_TOOL, "final_answer")


@dataclass(frozen=True)
class GovernancePolicy:
    """Policies as text: Assent's own, or a GovernancePolicy of Agent-OS. The gateway reads them, and says what is wrong."""

    #: Names of files and their texts.
    sources: tuple[tuple[str, str], ...]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> GovernancePolicy:
        """A file, or a folder of `*.yaml` and `*.yml`. Raises OSError where it cannot be read, or has none."""
        place = Path(path)
        files = sorted(each for each in place.iterdir() if each.suffix in (".yaml", ".yml")) if place.is_dir() else [place]
        if not files:
            raise FileNotFoundError(f"there is no policy in {place}")
        return cls(tuple((file.name, file.read_text("utf-8")) for file in files))

    def compare(self, client: Any) -> dict[str, Any]:
        """How the active policies relate to this one: `relation`, `isAsStrict`, `summary`, `looser`, `activeDigest`, ….

        Raises AssentError with the policy's own problems, and where no policies are active.
        """
        answer: dict[str, Any] = client.request("POST", "/v1/policies/compare", self._body())
        return answer

    def check(self, client: Any) -> None:
        """Raises POLICY_LOOSER where the active policies admit what this one does not, or where nobody can tell."""
        answer = self.compare(client)
        if answer["isAsStrict"] is True:
            return
        first = "".join(f"; {each['dimension']}: {each['rule']} {each['why']}" for each in answer["looser"][:1])
        raise AssentError(
            "POLICY_LOOSER",
            f"the active policies are not as strict as {self._names()}: {answer['summary']}{first}",
            "activate it (`assent policy activate`), or give `activate=True` with a key of the role operator; "
            "`assent policy compare` shows every difference",
        )

    def activate(self, client: Any) -> bool:
        """Puts it beside the active policies, unless they are as strict; True where that was needed. Takes the role operator.

        Of several policies the strictest says what happens: nothing passes afterwards that did not before.
        """
        return client.request("POST", "/v1/policies/additions", self._body())["isAdded"] is True

    def _body(self) -> dict[str, Any]:
        return {"sources": [{"name": name, "text": text} for name, text in self.sources], "besides": list(BESIDES)}

    def _names(self) -> str:
        return ", ".join(name for name, _ in self.sources)
