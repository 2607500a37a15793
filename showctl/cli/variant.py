"""``--variant NAME``: a show may be run and rehearsed as one of its variants; a name that it does not have is refused at once."""

from __future__ import annotations

from pathlib import Path

from showctl.cli.say import Trouble
from showctl.show.show import Show


def require_variant(show: Show, name: str) -> None:
    """``Trouble`` where ``show`` has no variant of that name."""
    from showctl.runtime.variants import variant_named

    try:
        variant_named(show, name)
    except ValueError as error:
        raise Trouble(str(error)) from None


def require_variant_in(folder: Path, name: str) -> None:
    """The same for the show in ``folder``, as far as that can be read: whoever runs it says what is wrong with it."""
    from showctl.showfile import load

    show = load(folder).show
    if show is not None:
        require_variant(show, name)
