"""Watches the log during a test: a warning that nobody declared is a failure, and so is a declared one that never came.

A test declares what it provokes with the marker `expects_log("pattern", ...)` or by calling the fixture
`expects_log("pattern")`. Patterns are regular expressions, searched in `LEVEL logger: message`.
"""

import logging
import re


class LogWatch(logging.Handler):
    """Collects every record of WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # The text is made now: arguments may have changed by the end of the test.
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def expect(self, *patterns: str) -> None:
        """Declares that the test provokes these lines, however often."""
        self._expected.extend(patterns)

    def undeclared(self) -> list[str]:
        return [line for line in self.lines if not any(re.search(pattern, line) for pattern in self._expected)]

    def missing(self) -> list[str]:
        return [pattern for pattern in self._expected if not any(re.search(pattern, line) for line in self.lines)]

    def complaints(self, *, also_missing: bool) -> str:
        """Says what is wrong with the log, or nothing."""
        found = [f"logged without declaring it (expects_log): {line}" for line in self.undeclared()]
        if also_missing:
            found += [f"declared with expects_log but never logged: {pattern}" for pattern in self.missing()]
        return "\n".join(found)
