"""Asks Assent before an agent's tool call runs. docs/python.md is the page for newcomers."""

from .approvals import Approvals, AsyncApprovals
from .async_client import AsyncClient
from .canonical import canonicalize
from .client import Client
from .decision import Budget, Decision, Obligations, Reason
from .default import guard
from .digests import call_digest, drift_of, sketch_of
from .errors import AssentError, Denied, HardDenied, TimedOut
from .events import Event

__all__ = [
    "Approvals",
    "AssentError",
    "AsyncApprovals",
    "AsyncClient",
    "Budget",
    "Client",
    "Decision",
    "Denied",
    "Event",
    "HardDenied",
    "Obligations",
    "Reason",
    "TimedOut",
    "call_digest",
    "canonicalize",
    "drift_of",
    "guard",
    "sketch_of",
]
