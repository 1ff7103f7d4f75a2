"""`SafeAgent` and `govern`: agents of which nothing runs undecided."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any, Callable, Generator, Iterable, Literal

from smolagents import CodeAgent, MultiStepAgent, ToolCallingAgent
from smolagents.agent_types import handle_agent_input_types, handle_agent_output_types
from smolagents.memory import ToolCall
from smolagents.tools import validate_tool_arguments
from smolagents.utils import AgentError, AgentGenerationError, AgentToolCallError, AgentToolExecutionError

from ..client import Client
from ..errors import AssentError, Denied
from .arguments import CannotFreeze, freeze
from .callables import shielded
from .events import Events
from .executor import GovernedExecutor, local_executor_of, tool_call
from .governor import HOLD_SECONDS_DEFAULT, Call, Governor, Options, Used
from .model import GovernedModel
from .policy import GovernancePolicy
from .runs import Run, RunEnded

_MANAGED_ARGUMENTS = ("task", "additional_args", "images")


class CannotGovern(AssentError):
    """An agent of which not every call would be decided. Nothing of it was changed."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__("ASSENT_USAGE", message, help)


class GovernedAgent(MultiStepAgent):
    """What a governed agent does otherwise than its class. Made by `govern`, never by itself."""

    _governor: Governor
    _policy: GovernancePolicy | None
    _run_lock: threading.Lock
    #: The run of the agent that calls this one, the call's id and its thread: set while the lock is held.
    _parent_run: tuple[Run, str, int] | None
    _last_session: str | None

    def on(self, event: str, listener: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
        """Calls the listener with each event of this agent and those that it manages; what comes back ends it.

        `policy_check`, `policy_violation`, `tool_call_blocked`: in the thread of the call. `checkpoint_created`,
        `drift_detected`: from the gateway, on a thread of their own.
        """
        return self._governor.events.on(event, listener)

    def run(
        self,
        task: str,
        stream: bool = False,
        reset: bool = True,
        images: list[Any] | None = None,
        additional_args: dict[str, Any] | None = None,
        max_steps: int | None = None,
        return_full_result: bool | None = None,
    ) -> Any:
        """As `MultiStepAgent.run`. Raises Denied where the model may not be asked, HardDenied after a hard denial."""
        given = {
            "images": images,
            "additional_args": None if additional_args is None else self._shielded(additional_args),
            "max_steps": max_steps,
            "return_full_result": return_full_result,
        }
        # Begun by the generator itself: one that nobody reads begins nothing.
        if stream:
            return self._streamed(task, reset, given)
        run = self._begin_run(reset)
        try:
            return super().run(task, reset=reset, **given)
        except BaseException as fault:
            seen = self._as_seen_outside(fault, run)
            if seen is fault:
                raise
            raise seen from None
        finally:
            self._end_run(run)

    def _streamed(self, task: str, reset: bool, given: dict[str, Any]) -> Generator[Any, None, None]:
        run = self._begin_run(reset)
        try:
            steps = super().run(task, stream=True, reset=reset, **given)
            try:
                for step in steps:
                    yield step
            except GeneratorExit:
                # The host's own generator yields its step once more, and cannot be closed otherwise.
                with contextlib.suppress(RuntimeError):
                    steps.close()
                raise
        except BaseException as fault:
            seen = self._as_seen_outside(fault, run)
            if seen is fault:
                raise
            raise seen from None
        finally:
            self._end_run(run)

    def _begin_run(self, reset: bool) -> Run:
        called_by = self._caller()
        if called_by is None and not self._run_lock.acquire(blocking=False):
            raise AssentError("ASSENT_USAGE", "the agent is running already", "make an agent for each run at a time")
        governor = self._governor
        try:
            if self._policy is not None and called_by is None:
                self._policy.check(governor.options.client)
            run = self._new_run(called_by, reset)
            executor = getattr(self, "python_executor", None)
            if executor is not None:
                _assert_governed(executor, GovernedExecutor, "the agent's `python_executor`")
                if reset:
                    executor.reset()
            _assert_governed(self.model, GovernedModel, "the agent's `model`")
            for agent in self.managed_agents.values():
                _assert_governed(agent, GovernedAgent, f"the managed agent `{getattr(agent, 'name', '')}`")
        except BaseException:
            if called_by is None:
                self._run_lock.release()
            raise
        governor.run = run
        return run

    def _caller(self) -> tuple[Run, str] | None:
        """The call that began this run, where this thread is the one that makes it."""
        parent = self._parent_run
        if parent is None or parent[2] != threading.get_ident():
            return None
        self._parent_run = None
        return parent[:2]

    def _new_run(self, called_by: tuple[Run, str] | None, reset: bool) -> Run:
        governor = self._governor

        def is_interrupted() -> bool:
            return bool(getattr(self, "interrupt_switch", False))

        self.interrupt_switch = False
        if called_by is not None:
            parent, id = called_by
            return Run(
                session=parent.session,
                actor=governor.path,
                is_interrupted=is_interrupted,
                id=id,
                parent=parent,
                clock=parent.clock,
            )
        run = Run(session=None, actor=governor.path, is_interrupted=is_interrupted)
        kept = None if reset else self._last_session
        run.session = self._last_session = governor.options.session or kept or run.id
        governor.events.began(run.session)
        return run

    def _end_run(self, run: Run) -> None:
        if self._governor.run is run:
            self._governor.run = None
            if run.parent is None:
                self._run_lock.release()

    def _as_seen_outside(self, fault: BaseException, run: Run) -> BaseException:
        """A refused generation is a denial, and no fault of the model's code."""
        if isinstance(fault, AgentGenerationError) and isinstance(fault.__cause__, Denied):
            denied: BaseException = fault.__cause__
            return denied
        if isinstance(fault, RunEnded) and run.parent is None:
            interrupted: BaseException = AgentError("Agent interrupted.", self.logger)
            return interrupted
        return fault

    def _shielded(self, values: dict[str, Any]) -> dict[str, Any]:
        shield = _Shield(self)
        return dict(shielded(dict(values), "", shield))

    def _call_as_member(self, parent: Run, id: str, args: dict[str, Any]) -> Any:
        """Runs as a managed agent. Calls at the same time wait for each other: its memory is one."""
        with self._run_lock:
            self._parent_run = (parent, id, threading.get_ident())
            try:
                return MultiStepAgent.__call__(self, **args)
            finally:
                self._parent_run = None

    def process_tool_calls(self, chat_message: Any, memory_step: Any) -> Generator[Any, None, None]:
        """Calls that share an id are refused together: the host keeps one of them, and the other would vanish."""
        calls = chat_message.tool_calls or []
        ids = [call.id for call in calls]
        if len(set(ids)) < len(ids):
            reason = "several calls of one message have the same id: none of them ran; send each with an id of its own"
            for call in calls:
                self._governor.refuse(call.function.name, reason, self._governor.check())
            raise AgentToolCallError(reason, self.logger)
        try:
            yield from super().process_tool_calls(chat_message, memory_step)
        except BaseException:
            # The host forgets the calls of a step in which one failed.
            memory_step.tool_calls = memory_step.tool_calls or [
                ToolCall(name=call.function.name, arguments=call.function.arguments, id=call.id)
                for call in calls
            ]
            raise
        self._governor.check()

    def execute_tool_call(self, tool_name: str, arguments: Any) -> Any:
        """Substitutes state variables once; what was substituted is frozen, decided and run."""
        available: dict[str, Any] = {**self.tools, **self.managed_agents}
        if tool_name not in available:
            raise AgentToolExecutionError(
                f"Unknown tool {tool_name}, should be one of: {', '.join(available)}.", self.logger
            )
        tool = available[tool_name]
        named, body = managed_call(self._governor, tool) if isinstance(tool, MultiStepAgent) else tool_call(tool)
        given = self._substitute_state_variables(arguments)
        is_agent = isinstance(tool, MultiStepAgent)
        try:
            validate_tool_arguments(tool, given)
            args, kwargs = ((), given) if isinstance(given, dict) else ((given,), {})
            if not is_agent:
                args, kwargs = handle_agent_input_types(*args, **kwargs)
            frozen = freeze(named(tuple(args), kwargs))
        except CannotFreeze as fault:
            self._governor.refuse(tool_name, str(fault), self._governor.check())
            raise AgentToolCallError(f"The call to `{tool_name}` did not run: {fault}", self.logger) from fault
        except (ValueError, TypeError) as fault:
            raise AgentToolCallError(str(fault), self.logger) from fault

        def run(decided: dict[str, Any], id: str, used: Used) -> Any:
            result = body(decided, id)
            return result if is_agent else handle_agent_output_types(result, tool.output_type)

        try:
            return self._governor.do(Call(tool_name, frozen, run))
        except Denied as denied:
            if tool_name == "final_answer":
                raise AgentToolExecutionError(str(denied), self.logger) from denied
            # An observation, and no error: an error loses the calls beside it and tells the model to try another way.
            return str(denied)
        except Exception as fault:
            whom = f"request to team member '{tool_name}'" if is_agent else f"tool '{tool_name}'"
            raise AgentToolExecutionError(f"Error executing {whom}: {type(fault).__name__}: {fault}", self.logger) from fault

    def to_dict(self) -> dict[str, Any]:
        """Refused, as is all that is built on it (`save`, `push_to_hub`): what is loaded again would not be governed."""
        raise CannotGovern(
            "a governed agent cannot be saved: loaded again it would run ungoverned",
            "save the agent before `govern`, and govern it after loading",
        )

    def save(self, *args: Any, **options: Any) -> None:
        self.to_dict()

    def push_to_hub(self, *args: Any, **options: Any) -> str:
        self.to_dict()
        return ""

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.to_dict()


class _Shield:
    """Governs callables that come with a run's variables."""

    def __init__(self, agent: GovernedAgent) -> None:
        self._agent = agent

    def __call__(self, name: str, function: Any) -> Any:
        if isinstance(function, MultiStepAgent):
            raise CannotGovern(
                f"`{name.strip('.')}` of additional_args is an agent", "pass it as one of `managed_agents`"
            )
        name = name.strip(".")
        executor = getattr(self._agent, "python_executor", None)
        if isinstance(executor, GovernedExecutor):
            return executor.governed(name, function)
        raise CannotGovern(
            f"`{name}` of additional_args is a callable, which only code can call", "pass it as one of `tools`"
        )


def managed_call(governor: Governor, agent: Any) -> tuple[Callable[..., dict[str, Any]], Callable[..., Any]]:
    """How the arguments of a managed agent are named, and how it is called: with the ids of the call that asks for it."""
    _assert_governed(agent, GovernedAgent, f"the managed agent `{getattr(agent, 'name', '')}`")

    def named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        given = {**({"task": args[0]} if args else {}), **kwargs}
        unknown = [name for name in given if name not in _MANAGED_ARGUMENTS]
        if len(args) > 1 or unknown or "task" not in given or (args and "task" in kwargs):
            raise TypeError(f"`{agent.name}` takes a task, and may take additional_args and images")
        return {name: value for name, value in given.items() if value is not None}

    def body(args: dict[str, Any], id: str) -> Any:
        return agent._call_as_member(governor.check(), id, args)

    return named, body


def _assert_governed(part: Any, kind: type, what: str) -> None:
    if not isinstance(part, kind):
        raise CannotGovern(f"{what} was replaced by one that nothing governs", "call `govern` again on a new agent")


def govern(
    agent: MultiStepAgent,
    *,
    client: Any = None,
    policy: GovernancePolicy | None = None,
    session: str | None = None,
    agent_name: str | None = None,
    activate: bool | None = None,
    hard: Iterable[str] = (),
    hold_seconds: float = HOLD_SECONDS_DEFAULT,
    timeout: float | None = None,
    estimate_tokens: Callable[[list[Any], dict[str, Any]], int] | None = None,
) -> Any:
    """Governs an agent that exists, with all that it manages, and returns it. Do it before its first run.

    `client`: else `Client()`. `policy`: runs are refused unless the active policies are as strict. `activate`: put it beside them
    where they are not, which takes a key of the role operator; by default only where the gateway is that of `assent dev`, found
    by its file. `session`: else each run that
    resets the memory is one. `agent_name`: the agent as policies and credentials name it; else the credential's. `hard`: globs of
    tools whose every denial ends the run. `hold_seconds`: how long a run waits for a person. `timeout`: seconds for one decision.
    `estimate_tokens`: from messages and options of a generation, what it may use; it should be no less than what comes.

    Raises CannotGovern, and changes nothing, where some call would not be decided.
    """
    agents = list(_tree(agent, ()))
    for each, _ in agents:
        _assert_governable(each)
    options = Options(
        client=Client() if client is None else client,
        agent=agent_name,
        session=session,
        hard=tuple(hard),
        hold_seconds=hold_seconds,
        timeout=timeout,
        estimate_tokens=estimate_tokens,
    )
    if policy is not None:
        if activate if activate is not None else client is None and is_beside_dev():
            policy.activate(options.client)
        policy.check(options.client)
    events = Events(options.client.on)
    for each, path in agents:
        _make_governed(each, Governor(options, events, path), policy)
    return agent


def is_beside_dev() -> bool:
    """Does `Client()` ask the gateway of `assent dev`? Only its file is left where the environment names none."""
    return not (os.environ.get("ASSENT_URL") or os.environ.get("ASSENT_KEY"))


def _tree(agent: Any, path: tuple[str, ...]) -> Iterable[tuple[Any, tuple[str, ...]]]:
    own = (*path, agent.name) if getattr(agent, "name", None) else path
    if len(own) > ACTOR_PARTS_MAX:
        raise CannotGovern("the managed agents are nested too deeply, or manage each other", "nest fewer of them")
    yield agent, own
    for managed in getattr(agent, "managed_agents", {}).values():
        yield from _tree(managed, own)


def _assert_governable(agent: Any) -> None:
    name = getattr(agent, "name", None) or type(agent).__name__
    if isinstance(agent, GovernedAgent):
        raise CannotGovern(f"`{name}` is governed already", "govern each agent once; managed ones with their manager")
    kind = type(agent)
    if kind not in (CodeAgent, ToolCallingAgent):
        raise CannotGovern(
            f"`{name}` is a {kind.__name__}: how it calls tools is not known, and nothing was wrapped",
            "use CodeAgent or ToolCallingAgent of smolagents itself",
        )
    replaced = [each for each in ("run", "execute_tool_call", "process_tool_calls") if each in vars(agent)]
    if replaced:
        raise CannotGovern(f"`{name}` has its own `{replaced[0]}`", "take other wrappers off first")
    if agent.memory.steps:
        raise CannotGovern(
            f"`{name}` has run already: its memory and its variables can hold what nothing governs",
            "govern a new agent, before its first run",
        )
    if isinstance(agent, CodeAgent):
        _assert_executor(agent, name)


def _assert_executor(agent: CodeAgent, name: str) -> None:
    executor = local_executor_of(agent.python_executor)
    if executor is None:
        raise _executed_elsewhere(f"the executor of `{name}` is a {type(agent.python_executor).__name__}")
    if set(executor.state) - {"__name__"} or executor.custom_tools:
        raise CannotGovern(
            f"the executor of `{name}` holds variables already: they can be tools that nothing governs",
            "govern a new agent, before its first run",
        )


def _executed_elsewhere(what: str) -> CannotGovern:
    return CannotGovern(
        f"{what}: it ships the tools' source elsewhere, where they would run undecided",
        "use the local executor, give the agent a tool that runs code in the sandbox, or run the whole agent, with its tools and "
        "Assent's client, inside of the sandbox",
    )


def _make_governed(agent: Any, governor: Governor, policy: GovernancePolicy | None) -> None:
    kind: type = _KINDS[type(agent)]
    agent._governor, agent._policy = governor, policy
    agent._run_lock, agent._parent_run, agent._last_session = threading.Lock(), None, None
    agent.model = GovernedModel(governor, agent.model)
    if isinstance(agent, CodeAgent):
        agent.python_executor = GovernedExecutor(
            governor, agent.python_executor, lambda name, managed: managed_call(governor, managed)
        )
    agent.__class__ = kind


class GovernedCodeAgent(GovernedAgent, CodeAgent):
    """A CodeAgent that `govern` has governed."""


class GovernedToolCallingAgent(GovernedAgent, ToolCallingAgent):
    """A ToolCallingAgent that `govern` has governed."""


_KINDS: dict[type, type] = {CodeAgent: GovernedCodeAgent, ToolCallingAgent: GovernedToolCallingAgent}
#: As many names as an intent's actor can have.
ACTOR_PARTS_MAX = 16

Kind = Literal["code", "tool_calling"]


def SafeAgent(
    tools: list[Any],
    model: Any,
    policy: GovernancePolicy | str | None = None,
    *,
    kind: Kind = "code",
    client: Any = None,
    session: str | None = None,
    agent_name: str | None = None,
    activate: bool | None = None,
    hard: Iterable[str] = (),
    hold_seconds: float = HOLD_SECONDS_DEFAULT,
    timeout: float | None = None,
    estimate_tokens: Callable[[list[Any], dict[str, Any]], int] | None = None,
    **agent_options: Any,
) -> Any:
    """A new agent of which every call is decided: a CodeAgent, or with `kind="tool_calling"` a ToolCallingAgent.

    `agent_options` are those of its class (`name`, `managed_agents`, `max_steps`, …), all else is as `govern` has it.
    """
    kinds: dict[str, type] = {"code": CodeAgent, "tool_calling": ToolCallingAgent}
    if kind not in kinds:
        raise CannotGovern(f"there is no kind of agent {kind!r}", "give `code` or `tool_calling`")
    executor = agent_options.get("executor_type", "local")
    if executor != "local":
        # Before the agent is made: that would begin a sandbox, which nobody would end.
        raise _executed_elsewhere(f"`executor_type` is {executor!r}")
    return govern(
        kinds[kind](tools=tools, model=model, **agent_options),
        client=client,
        policy=GovernancePolicy.load(policy) if isinstance(policy, str) else policy,
        session=session,
        agent_name=agent_name,
        activate=activate,
        hard=hard,
        hold_seconds=hold_seconds,
        timeout=timeout,
        estimate_tokens=estimate_tokens,
    )
