"""What the console asks of a desk, whether the show runs in this process (``runtime.desk``) or elsewhere (``console.remote``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from showctl.engine.commands import Answer
from showctl.engine.events import Rdm, Request
from showctl.engine.lights_view import Changed
from showctl.runtime.desk_parts import Piece


class Desk(Protocol):
    """The façade that every surface calls."""

    far: bool
    """In another process: what it answers at once, it answers on a thread."""

    @property
    def there(self) -> bool: ...

    @property
    def main_list(self) -> str: ...

    @property
    def list_names(self) -> tuple[str, ...]: ...

    def pieces(self) -> Iterator[Piece]: ...

    async def cues(self) -> dict[str, bytes]: ...

    def seen(self, fixtures: Sequence[str]) -> list[tuple[str, int, str, int]]: ...

    def fixtures(self) -> dict[str, Any]: ...

    def room(self) -> dict[str, Any]: ...

    async def ask(self, request: Request) -> Answer: ...

    async def reload(self, revision: str = "") -> dict[str, Any]: ...

    async def ask_rdm(self, request: Rdm) -> dict[str, Any]: ...

    def rdm_table(self) -> dict[str, Any]: ...

    def status(self) -> dict[str, Any]: ...

    def view(self, full: bool = False) -> dict[str, Any]: ...

    def why(self, fixture: str = "", parameter: str = "", *, cue: str = "", list_name: str = "") -> dict[str, Any]: ...

    def explain(self, list_name: str = "") -> dict[str, Any]: ...

    def subscribe(self, listener: Callable[[dict[str, Any]], None], /) -> Callable[[], None]: ...


class NearDesk(Desk, Protocol):
    """One in this process: it can be asked for every light."""

    def lights(self, *, everything: bool = False) -> Changed: ...
