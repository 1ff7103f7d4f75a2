"""A model that says what the test has written, and tools that count how often their bodies ran."""

from __future__ import annotations

import itertools
import json
import threading
from typing import Any, Iterator

from bodies import count
from smolagents import Tool
from smolagents.models import (
    ChatMessage,
    ChatMessageStreamDelta,
    ChatMessageToolCall,
    ChatMessageToolCallFunction,
    ChatMessageToolCallStreamDelta,
    MessageRole,
    Model,
)
from smolagents.monitoring import TokenUsage

Call = tuple[str, dict[str, Any]]


class Scripted(Model):
    """Each turn is a text (code, or a plan), or a list of tool calls; the last turn is said again and again."""

    def __init__(self, *turns: Any, tokens: tuple[int, int] = (10, 5), **options: Any) -> None:
        super().__init__(model_id="scripted", **options)
        self.turns = turns
        self.tokens = tokens
        self.calls = 0
        self.seen: list[str] = []
        self._ids = itertools.count(1)

    def generate(self, messages: list[Any], **options: Any) -> ChatMessage:
        turn = self.turns[min(self.calls, len(self.turns) - 1)]
        self.calls += 1
        count("model.generate")
        self.seen.append("\n".join(str(message.content) for message in messages))
        usage = TokenUsage(*self.tokens)
        if isinstance(turn, str):
            return ChatMessage(role=MessageRole.ASSISTANT, content=turn, token_usage=usage)
        return ChatMessage(
            role=MessageRole.ASSISTANT, content="", tool_calls=[self._call(each) for each in turn], token_usage=usage
        )

    def _call(self, call: Any) -> ChatMessageToolCall:
        name, args, *id = call
        function = ChatMessageToolCallFunction(name=name, arguments=args)
        return ChatMessageToolCall(id=id[0] if id else f"call_{next(self._ids)}", type="function", function=function)


class StreamingScripted(Scripted):
    def generate_stream(self, messages: list[Any], **options: Any) -> Iterator[ChatMessageStreamDelta]:
        message = self.generate(messages, **options)
        if message.content:
            middle = len(message.content) // 2
            yield ChatMessageStreamDelta(content=message.content[:middle])
            yield ChatMessageStreamDelta(content=message.content[middle:])
        for index, call in enumerate(message.tool_calls or ()):
            function = ChatMessageToolCallFunction(name=call.function.name, arguments=json.dumps(call.function.arguments))
            delta = ChatMessageToolCallStreamDelta(index=index, id=call.id, type="function", function=function)
            yield ChatMessageStreamDelta(tool_calls=[delta])
        yield ChatMessageStreamDelta(content="", token_usage=message.token_usage)


def code(text: str) -> str:
    return f"Thought: so be it.\n<code>\n{text}\n</code>"


class DeleteFile(Tool):
    name = "delete_file"
    description = "Deletes a file."
    inputs = {"path": {"type": "string", "description": "The file."}}
    output_type = "string"

    def __init__(self) -> None:
        super().__init__()
        self.ran: list[str] = []
        self._lock = threading.Lock()

    def forward(self, path: str) -> str:
        count(self.name)
        with self._lock:
            self.ran.append(path)
        return f"deleted {path}"


class Failing(Tool):
    name = "failing"
    description = "Fails."
    inputs: dict[str, Any] = {}
    output_type = "string"

    def __init__(self) -> None:
        super().__init__()
        self.ran = 0

    def forward(self) -> str:
        count(self.name)
        self.ran += 1
        raise ValueError("it never works")
