"""The floor: httpx2 and a JSON parser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from benchmarks.peers.task import PROMPT, SCHEMA, Ask, look_up


@asynccontextmanager
async def bare_client(url: str, model: str) -> AsyncIterator[Ask]:
    """A loop over server-sent events that runs the tool when it is called."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=url, timeout=60, limits=limits) as client:

        async def ask(question: str) -> AsyncIterator[str]:
            messages: list[dict[str, Any]] = [
                {"role": "system", "content": PROMPT},
                {"role": "user", "content": question},
            ]
            while True:
                call: dict[str, Any] = {}
                async for delta in _deltas(client, model, messages):
                    if text := delta.get("content"):
                        yield text
                    for part in delta.get("tool_calls") or ():
                        call.setdefault("id", part.get("id"))
                        call["arguments"] = call.get("arguments", "") + part["function"]["arguments"]
                if not call:
                    return
                function = {"name": "look_up", "arguments": call["arguments"]}
                found = await look_up(**json.loads(call["arguments"]))
                asked = [{"id": call["id"], "type": "function", "function": function}]
                messages.append({"role": "assistant", "content": None, "tool_calls": asked})
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": found})

        yield ask


async def _deltas(
    client: httpx2.AsyncClient, model: str, messages: list[dict[str, Any]]
) -> AsyncIterator[dict[str, Any]]:
    body = {"model": model, "messages": messages, "tools": [SCHEMA], "stream": True}
    async with client.stream("POST", "/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices:
                    yield choices[0]["delta"]
