"""Governs agents of smolagents: every call is decided before it runs. docs/smolagents.md is the page for newcomers."""

from .agents import CannotGovern, GovernedAgent, SafeAgent, govern
from .policy import GovernancePolicy

__all__ = ["CannotGovern", "GovernancePolicy", "GovernedAgent", "SafeAgent", "govern"]
