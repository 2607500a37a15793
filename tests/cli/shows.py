"""Show folders that go wrong in one way, made from the small one."""

import shutil
from pathlib import Path

SMALL = Path(__file__).parents[1] / "shows" / "small"


def copy_of_small(target: Path, *changes: tuple[str, str, str]) -> Path:
    """The small show in ``target``; each change is (file, what stands there, what shall)."""
    shutil.copytree(SMALL, target)
    for name, old, new in changes:
        path = target / name
        words = path.read_text(encoding="utf-8")
        assert old in words, f"{old!r} is not in {name}"
        path.write_text(words.replace(old, new), encoding="utf-8")
    return target
