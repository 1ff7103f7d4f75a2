"""The executor of a governed CodeAgent: its code action is a call of its own, and what the code can call are closures.

Generated code gets functions in which nothing is reachable by attribute: no tool object, no agent, no client.
"""

from __future__ import annotations

from typing import Any, Callable

from smolagents import MultiStepAgent, Tool
from smolagents.local_python_executor import CodeOutput, LocalPythonExecutor, PythonExecutor

from ..errors import Denied
from .arguments import Binding, CannotFreeze, freeze
from .callables import described, mark_governed, shielded
from .clock import ActionClock
from .code_facts import code_facts
from .governor import CODE_TOOL, Call, Denials, Governor, Used
from .runs import RunEnded

Body = Callable[[dict[str, Any], str], Any]


class CodeActionEnded(Exception):
    """What a model reads of a code action that was stopped in its middle."""


class GovernedExecutor(PythonExecutor):
    """Around the local executor. Its time limit is kept here: a call that begins in time ends, none begins afterwards."""

    def __init__(self, governor: Governor, inner: LocalPythonExecutor, call_agent: Callable[..., Any]) -> None:
        self._governor = governor
        self._inner = inner
        self._call_agent = call_agent
        self._limit = inner.timeout_seconds
        # Their thread would go on behind its own timeout; ours is asked at each call.
        inner.timeout_seconds = None
        inner.additional_functions = {
            name: self.governed(name, function) for name, function in inner.additional_functions.items()
        }
        self._tools: tuple[str, ...] = ()

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._inner.state
        return state

    def reset(self) -> None:
        """A new run begins with nothing of the last one."""
        self._inner.state = {"__name__": "__main__"}
        self._inner.custom_tools = {}

    def send_variables(self, variables: dict[str, Any]) -> None:
        self._inner.send_variables(shielded(dict(variables), "", self._shield))

    def send_tools(self, tools: dict[str, Any]) -> None:
        """Called at the beginning of each run, so that tools added meanwhile are governed as well."""
        self._tools = tuple(tools) + tuple(self._inner.additional_functions)
        self._inner.send_tools({name: self.governed(name, tool) for name, tool in tools.items()})

    def __call__(self, code_action: str) -> CodeOutput:
        governor = self._governor
        denials = Denials()
        call = Call(
            tool=CODE_TOOL,
            arguments=freeze({"code": code_action, "facts": code_facts(code_action, self._tools)}),
            body=lambda args, id, used: self._execute(args["code"], id, denials),
            kind="code",
            has_sketch=False,
        )
        try:
            output = governor.do(call)
        except Denied as denied:
            return CodeOutput(output=None, logs=f"{denied}\n", is_final_answer=False)
        except RunEnded as ended:
            raise CodeActionEnded(f"The code action was stopped: {ended}.{self._told(denials)}") from None
        if denials.messages and not output.is_final_answer:
            output.logs += "".join(f"{message}\n" for message in denials.messages)
        return output

    def _execute(self, code: str, id: str, denials: Denials) -> CodeOutput:
        governor = self._governor
        run = governor.check()
        outer_clock = run.clock
        run.clock = ActionClock(self._limit, outer_clock)
        governor.denials, governor.action_id = denials, id
        try:
            output = self._inner(code)
        except Exception as fault:
            if not _is_denied(fault):
                raise
            output = CodeOutput(output=None, logs=str(self._inner.state["_print_outputs"]), is_final_answer=False)
        finally:
            run.clock = outer_clock
            governor.denials = governor.action_id = None
        # A `finally` or `return` of the code can have swallowed what ends the run.
        run.check()
        return output

    def _told(self, denials: Denials) -> str:
        return "".join(f"\n{message}" for message in denials.messages)

    def _shield(self, name: str, function: Any) -> Any:
        return self.governed(name.strip(".") or "callable", function)

    def governed(self, name: str, function: Any) -> Callable[..., Any]:
        if isinstance(function, MultiStepAgent):
            return self._closure(name, function, *self._call_agent(name, function))
        if isinstance(function, Tool):
            return self._closure(name, function, *tool_call(function))
        binding = Binding.of(function)
        return self._closure(name, function, binding.named, lambda args, id: binding.call(function, args))

    def _closure(self, name: str, of: Any, named: Callable[..., dict[str, Any]], body: Body) -> Callable[..., Any]:
        governor, shield = self._governor, self._shield

        def run(args: dict[str, Any], id: str, used: Used) -> Any:
            return shielded(body(args, id), f"{name}.result", shield)

        def governed(*args: Any, **kwargs: Any) -> Any:
            governor.check()
            try:
                arguments = freeze(named(args, kwargs))
            except CannotFreeze as fault:
                governor.refuse(name, str(fault), governor.check())
                raise TypeError(f"the call to `{name}` did not run: {fault}") from None
            return governor.do(Call(name, arguments, run, within=governor.action_id))

        given_name, doc = described(of)
        governed.__name__ = governed.__qualname__ = given_name or name
        governed.__doc__ = doc
        return mark_governed(governed)


def tool_call(tool: Tool) -> tuple[Callable[..., dict[str, Any]], Body]:
    """How a tool's arguments are named, also where they come as one dict, and how it is called with them."""
    binding = Binding.of(tool.forward, tool.inputs)

    def named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if len(args) == 1 and not kwargs and isinstance(args[0], dict) and all(key in tool.inputs for key in args[0]):
            return binding.named((), args[0])
        return binding.named(args, kwargs)

    return named, lambda args, id: binding.call(tool, args)


def _is_denied(fault: BaseException | None) -> bool:
    """The interpreter wraps what the code raised."""
    seen = 0
    while fault is not None and seen < 10:
        if isinstance(fault, Denied):
            return True
        fault, seen = fault.__cause__ or fault.__context__, seen + 1
    return False


def local_executor_of(executor: Any) -> LocalPythonExecutor | None:
    """Only the local executor itself: what a subclass or a remote one does with tools is not known."""
    return executor if type(executor) is LocalPythonExecutor else None


