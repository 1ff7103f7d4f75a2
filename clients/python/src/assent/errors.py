"""What goes wrong: a denied call, and a gateway that cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .messages import timed_out_message

if TYPE_CHECKING:
    from .decision import Decision


class AssentError(Exception):
    """Something other than a denial: a request that is none, or a gateway that refuses it or cannot be reached.

    `code` is one of Assent's (docs/reference/errors.md), or of this client: ASSENT_USAGE, ASSENT_CONFIG, GATEWAY_UNREACHABLE,
    GATEWAY_ANSWER. `help` says what to do next; it may be empty. `status` is that of the gateway's answer, 0 without one.
    """

    def __init__(self, code: str, message: str, help: str = "", *, status: int = 0) -> None:
        super().__init__(code, message, help)
        self.code = code
        self.message = message
        self.help = help
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}  {self.message}" + (f"\nhelp: {self.help}" if self.help else "")


class Denied(Exception):
    """Raised in place of a call that must not run. The text is written for the model that asked."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision)
        self.decision = decision

    def __str__(self) -> str:
        return self.decision.message


class TimedOut(Exception):
    """Raised for an allowed call that was stopped at its deadline. The text is written for the model that asked."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision)
        self.decision = decision

    def __str__(self) -> str:
        return timed_out_message(self.decision)


class HardDenied(BaseException):
    """A denial that ends the run: no `except Exception` of an agent, of generated code or of a framework swallows it."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision)
        self.decision = decision

    def __str__(self) -> str:
        return self.decision.message
