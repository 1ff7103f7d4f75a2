"""One request and its answer, without any network: what is sent, what came back, and what its faults mean."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import Any, Callable, Generator, Mapping, TypeVar, Union
from urllib.parse import quote, urlencode

from .canonical import canonicalize_around
from .errors import AssentError

Out = TypeVar("Out")

#: Longest body that a gateway takes, in bytes.
BODY_MAX = 1024 * 1024
#: Longest answer that is read, in bytes.
ANSWER_MAX = 8 * 1024 * 1024


@dataclass(frozen=True)
class Send:
    """A request. The driver sends it, and hands back the `Answer` or throws `Unreachable` into the steps."""

    method: str
    path: str
    body: bytes | None
    #: Seconds until an answer is given up.
    timeout: float
    #: May it be sent again where the first may have arrived?
    is_repeatable: bool = True


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Answer:
    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """No answer. `is_late`: the request was sent, and none came in time. `is_sent`: it may have arrived."""

    def __init__(self, why: str, *, is_late: bool = False, is_sent: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_late = is_late
        self.is_sent = is_sent or is_late


#: A procedure without I/O: it yields what to do, is sent what came of it, and returns its result.
Steps = Generator[Union[Send, Sleep], "Answer | None", Out]


def drive(steps: Steps[Out], send: Callable[[Send], Answer], sleep: Callable[[float], None] = time.sleep) -> Out:
    """Runs a procedure on blocking I/O."""
    try:
        step = next(steps)
        while True:
            if isinstance(step, Sleep):
                sleep(step.seconds)
                step = steps.send(None)
                continue
            try:
                answer = send(step)
            except Unreachable as fault:
                step = steps.throw(fault)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        result: Out = end.value
        return result


class Pauses:
    """Growing pauses between attempts, drawn so that many clients do not come at once."""

    def __init__(self, first: float = 0.05, longest: float = 2.0) -> None:
        self._next = first
        self._longest = longest

    def after(self, answer: Answer | None) -> float:
        """Seconds to wait; the gateway's own word (`Retry-After`) is heeded."""
        drawn = self._next * (0.5 + random.random() / 2)
        self._next = min(self._next * 2, self._longest)
        try:
            asked = float(answer.headers.get("retry-after", "0")) if answer is not None else 0.0
        except ValueError:
            asked = 0.0
        return max(drawn, min(max(asked, 0.0), 60.0))


def path_of(*parts: str, **query: object) -> str:
    """`/v1/…` with every part encoded; a query member that is None is left out."""
    path = "/v1/" + "/".join(quote(part, safe="") for part in parts)
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def body_of(members: Mapping[str, Any]) -> bytes:
    """JSON of the members that are not None. Raises RECORD_JSON where one cannot be JSON, GATEWAY_TOO_LARGE for too many bytes."""
    given = {name: value for name, value in members.items() if value is not None}
    body = canonicalize_around(given).encode("utf-8")
    if len(body) > BODY_MAX:
        # The gateway says so, too, but ends the connection while more is still being sent: that would look like an outage.
        raise AssentError(
            "GATEWAY_TOO_LARGE",
            f"the request has {len(body)} bytes, and a gateway takes {BODY_MAX}",
            "hand over a path or an address instead of the content",
        )
    return body


def duration(seconds: float) -> str:
    return f"{max(0, round(seconds * 1000))}ms"


#: The same request may be answered later: a limit of the rate, a gateway that stops, a proxy without one behind it.
_LATER = (429, 502, 503, 504)


def is_for_later(answer: Answer) -> bool:
    return answer.status in _LATER


def is_untouched(answer: Answer) -> bool:
    """Did the gateway itself say later, before it did anything? A proxy does not know how far the request came."""
    return is_for_later(answer) and problem_of(answer).code in ("GATEWAY_RATE", "GATEWAY_DRAINING")


def json_of(text: bytes | str) -> Any:
    """Raises ValueError for what is no JSON, also for what is nested too deeply to be read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def content_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises the AssentError that a problem document, or anything else but success, is."""
    if not 200 <= answer.status < 300:
        raise problem_of(answer)
    try:
        return json_of(answer.body) if answer.body else None
    except ValueError:
        raise _no_gateway(answer) from None


def object_of(answer: Answer) -> Mapping[str, Any]:
    content = content_of(answer)
    if not isinstance(content, dict):
        raise _no_gateway(answer)
    return content


def problem_of(answer: Answer) -> AssentError:
    if answer.headers.get("content-type", "").split(";")[0].strip() == "application/problem+json":
        try:
            problem = json_of(answer.body)
            message = problem.get("detail") or problem.get("title") or f"status {answer.status}"
            return AssentError(
                str(problem["code"]), str(message), str(problem.get("help") or ""), status=answer.status
            )
        except (ValueError, KeyError, AttributeError):
            pass
    return _no_gateway(answer)


def _no_gateway(answer: Answer) -> AssentError:
    return AssentError(
        "GATEWAY_ANSWER",
        f"what answered (status {answer.status}) is no gateway of Assent",
        "look at the address: ASSENT_URL, or what `assent dev` printed",
        status=answer.status,
    )


def unreachable(url: str, fault: Unreachable) -> AssentError:
    return AssentError(
        "GATEWAY_UNREACHABLE",
        f"the gateway at {url} cannot be reached: {fault.why}",
        "is `assent dev` or `assent gateway` running there?",
    )
