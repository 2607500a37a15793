"""Tests on an event loop of their own: ``@on_a_loop`` runs an async test to its end, and ``until`` waits for what is to hold."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

Given = ParamSpec("Given")


def on_a_loop(test: Callable[Given, Coroutine[Any, Any, None]]) -> Callable[Given, None]:
    """The test as pytest runs it; what it left running is cancelled with the loop."""

    @functools.wraps(test)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


async def until(true: Callable[[], object], within: float = 8.0) -> None:
    """Returns as soon as ``true`` holds; TimeoutError where it never does."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
