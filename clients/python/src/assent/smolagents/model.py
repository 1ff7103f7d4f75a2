"""The model of a governed agent: each generation is a call that is decided before it is made, and settles its tokens."""

from __future__ import annotations

import json
import math
from typing import Any, Callable, Iterator

from .arguments import freeze
from .governor import MODEL_TOOL, Call, Governor, Used
from .runs import RunEnded

#: What a model may answer where nothing limits it: only an estimate until the outcome.
OUTPUT_TOKENS_DEFAULT = 1_024
IMAGE_TOKENS = 2_000
#: Tokens are about four bytes of English; three keep the estimate above.
BYTES_PER_TOKEN = 3
MESSAGE_TOKENS = 8
_OUTPUT_LIMITS = ("max_tokens", "max_completion_tokens", "max_new_tokens")


class GovernedModel:
    """Stands for a model of an agent. Everything but generating is the model's own."""

    def __init__(self, governor: Governor, model: Any) -> None:
        self._governor = governor
        self._model = model

    def __getattr__(self, name: str) -> Any:
        # `hasattr(model, "generate_stream")` has to say what the model itself says.
        if name == "generate_stream":
            stream = self._model.generate_stream
            return lambda messages, **options: self._stream(stream, messages, options)
        return getattr(self._model, name)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.generate(*args, **options)

    def generate(self, messages: list[Any], *args: Any, **options: Any) -> Any:
        def body(_: dict[str, Any], id: str, used: Used) -> Any:
            message = self._model.generate(messages, *args, **options)
            usage = getattr(message, "token_usage", None)
            used.tokens = None if usage is None else usage.input_tokens + usage.output_tokens
            return message

        return self._governor.do(self._call(messages, options, body, is_stream=False))

    def _stream(self, generate: Callable[..., Iterator[Any]], messages: list[Any], options: dict[str, Any]) -> Iterator[Any]:
        """Decided when the first part is asked for; settled when the last has come, or nobody reads on."""
        call = self._call(messages, options, _no_body, is_stream=True)
        allowed = self._governor.begin(call)
        total: int | None = None
        status = "error"
        try:
            for delta in generate(messages, **options):
                usage = getattr(delta, "token_usage", None)
                if usage is not None:
                    total = (total or 0) + usage.input_tokens + usage.output_tokens
                yield delta
            status = "ok"
        except GeneratorExit:
            # What was not read was perhaps generated and charged all the same.
            total, status = None, "unknown"
            raise
        finally:
            allowed.end(status, Used(tokens=total))

    def _call(self, messages: list[Any], options: dict[str, Any], body: Any, is_stream: bool) -> Call:
        texts = [_text_of(message) for message in messages]
        size = sum(len(text.encode("utf-8", "replace")) for text, _ in texts)
        return Call(
            tool=MODEL_TOOL,
            arguments=freeze(
                {
                    "model": str(getattr(self._model, "model_id", None) or type(self._model).__name__),
                    "messages": len(messages),
                    "bytes": size,
                    "stream": is_stream,
                }
            ),
            body=body,
            kind="model",
            estimate_tokens=self._estimate(messages, options, size, sum(images for _, images in texts)),
            has_sketch=False,
        )

    def _estimate(self, messages: list[Any], options: dict[str, Any], size: int, images: int) -> int:
        own = self._governor.options.estimate_tokens
        if own is not None:
            return max(0, math.ceil(own(messages, options)))
        tools = sum(_tool_bytes(tool) for tool in options.get("tools_to_call_from") or ())
        written = [each for each in map(self._limit(options), _OUTPUT_LIMITS) if isinstance(each, int) and each > 0]
        output = min(written) if written else OUTPUT_TOKENS_DEFAULT
        return math.ceil((size + tools) / BYTES_PER_TOKEN) + MESSAGE_TOKENS * len(messages) + IMAGE_TOKENS * images + output

    def _limit(self, options: dict[str, Any]) -> Callable[[str], Any]:
        defaults = getattr(self._model, "kwargs", None) or {}
        return lambda name: defaults.get(name, options.get(name))


def _no_body(args: dict[str, Any], id: str, used: Used) -> Any:
    raise RunEnded("a stream is read, not run")


def _text_of(message: Any) -> tuple[str, int]:
    """The text of a message, and how many images it has."""
    content = message.get("content") if isinstance(message, dict) else getattr(message, "content", None)
    if isinstance(content, str):
        return content, 0
    parts = [part for part in content or () if isinstance(part, dict)]
    texts = [str(part.get("text", "")) for part in parts if part.get("type") == "text"]
    return "\n".join(texts), sum(1 for part in parts if part.get("type") != "text")


def _tool_bytes(tool: Any) -> int:
    described = [getattr(tool, name, "") for name in ("name", "description", "inputs")]
    return len(json.dumps(described, default=str).encode())


