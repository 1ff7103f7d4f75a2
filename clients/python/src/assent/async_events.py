"""Events of the gateway for asyncio; see events.py."""

from __future__ import annotations

import asyncio
from typing import AsyncIterator, Callable, Sequence

from .events import SILENCE_MAX, Event, EventParser, events_path
from .exchange import Answer, Pauses, is_for_later, problem_of
from .streams import Streams, head_of, read_head, within


async def read_events(
    streams: Streams,
    types: Sequence[str] | None,
    last_event_id: str | None,
    opened: Callable[[], None] = lambda: None,
) -> AsyncIterator[Event]:
    """Without an end; a broken stream is resumed. Raises AssentError where the gateway refuses."""
    path = events_path(types)
    parser = EventParser(last_event_id)
    pauses = Pauses(longest=10.0)
    while True:
        answer: Answer | None = None
        try:
            reader, writer = await streams.connect()
            try:
                more = {"Last-Event-ID": parser.last_id} if parser.last_id else {}
                writer.write(head_of(streams.gateway, "GET", path, None, "text/event-stream", **more))
                status, headers = await within(SILENCE_MAX, read_head(reader))
                if status != 200:
                    answer = Answer(status, headers, await within(SILENCE_MAX, reader.read(65_536)))
                    if not is_for_later(answer):
                        raise problem_of(answer)
                else:
                    async for line in _lines(reader, headers):
                        opened()
                        event = parser.take(line)
                        if event is not None:
                            pauses = Pauses(longest=10.0)
                            yield event
            finally:
                writer.close()
        except (OSError, EOFError, ValueError, TimeoutError):
            pass
        await asyncio.sleep(pauses.after(answer))


async def _lines(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[str]:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        while line := await within(SILENCE_MAX, reader.readline()):
            yield line.decode("utf-8").rstrip("\r\n")
        return
    rest = b""
    while length := int((await within(SILENCE_MAX, reader.readline())).partition(b";")[0] or b"0", 16):
        rest += await within(SILENCE_MAX, reader.readexactly(length))
        await within(SILENCE_MAX, reader.readline())
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.decode("utf-8").rstrip("\r")
