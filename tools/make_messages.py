"""Writes web/src/generated/messages.ts: the console's messages (showctl/console/messages.py) as TypeScript types.

``python tools/make_messages.py`` writes it; ``--check`` says whether what stands there fits (exit 1: it does not).
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "web" / "src" / "generated" / "messages.ts"


def made() -> str:
    """The file's text."""
    from showctl.console.messages import MESSAGES, VERSION
    from showctl.runtime.people import ROLES

    lines = [
        "// Made by tools/make_messages.py from showctl/console/messages.py. Edit that, and run `make web`.",
        "",
        f"export const VERSION = {VERSION};",
        "export type Role = " + " | ".join(f'"{role}"' for role in ROLES) + ";",
        "export const ROLES: readonly Role[] = [" + ", ".join(f'"{role}"' for role in ROLES) + "];",
        "",
        "/** The lowest role that may send each message. */",
        "export const MAY = {",
        *(f'  {message.name}: "{message.role}",' for message in MESSAGES),
        "} as const satisfies Record<string, Role>;",
        "",
        "export interface Requests {",
    ]
    for message in MESSAGES:
        takes = "; ".join(f"{name}: {kind}" for name, kind in message.takes)
        lines += [
            f"  /** {message.way}: {message.says} */",
            f"  {message.name}: {{ {takes} }};" if takes else f"  {message.name}: {{}};",
        ]
    return "\n".join([*lines, "}", "export type MessageName = keyof Requests & keyof typeof MAY;", ""])


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text() != made())
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(made())
