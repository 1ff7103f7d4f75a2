"""Asks Assent before an agent's tool call runs. docs/python.md is the page for newcomers."""

from .approvals import Approvals
from .canonical import canonicalize
from .client import Client
from .decision import Budget, Decision, Obligations, Reason
from .errors import AssentError, Denied, HardDenied
from .events import Event

__all__ = [
    "Approvals",
    "AssentError",
    "Budget",
    "Client",
    "Decision",
    "Denied",
    "Event",
    "HardDenied",
    "Obligations",
    "Reason",
    "canonicalize",
]
