"""The simulated venue of a show that runs on one: pages break things in it, as its prompt and its scripts do.

A line goes to the venue as it was written (``what``: fault, set, press or guests), and what the venue does not understand it says
itself, with the words that it would have. Where a show runs on its real rig there is no venue, and nothing to break.
"""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any, Final

from showctl.console.asking import Refusal
from showctl.console.reception import GONE, Asked, Sorry
from showctl.engine.asking import Unknown

VERBS: Final = ("fault", "set", "press", "guests")
LONGEST: Final = 1000
"""Letters of a line; the venue takes no more either."""
PATIENCE: Final = 3.0


class Venue:
    """The venue at ``url``; "" where the show has none."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def there(self, _: Asked) -> dict[str, Any]:
        """Whether there is one."""
        return {"there": bool(self._url)}

    async def act(self, asked: Asked) -> dict[str, Any]:
        """A line of a script, now."""
        given = asked.given(needs=("what", "words"))
        what, words = given["what"], given["words"]
        if what not in VERBS or not isinstance(words, str) or len(words) > LONGEST:
            raise Refusal(f"what is {', '.join(VERBS)}; words are a line of at most {LONGEST} letters")
        if not self._url:
            raise Unknown("this show runs on its real rig: there is no simulated venue to break something in")
        await asyncio.to_thread(self._send, {"what": what, "words": words})
        return {"done": True}

    def _send(self, line: dict[str, str]) -> None:
        body = json.dumps(line).encode()
        request = urllib.request.Request(f"{self._url}/act", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):
                return
        except urllib.error.HTTPError as error:
            with error:
                raise Refusal(json.load(error)["refused"]) from None
        except OSError:
            raise Sorry(GONE, "the simulated venue does not answer") from None
