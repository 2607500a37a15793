"""Every sentence that the program can say to an operator, read off its source: what the checker finds, and what a show tells.

What is put in stands as ``Q1``, ``Q2``; where only a few words can be put in, there is a sentence for each of them. A text is
followed to where it is written: names set in the same function, constants, what a function of the same part returns, and what
callers hand over.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).parents[2] / "showctl"
CHECKER = ("showfile/*.py", "show/expressions.py", "show/tempo.py", "show/lengths.py", "console/workbench.py")
OF_THE_COMMAND_LINE = ("fixture_edits.py", "hit_edits.py")
"""Edits that no page asks for."""
FOUND_BY = {
    "error": (2, 3), "warning": (2, 3), "say": (2, 3), "Wrong": (1, 3), "CannotEdit": (0, 2), "ExpressionError": (0, 2),
    "NoTempo": (0, 1), "Unusable": (0, 1),
}  # fmt: skip
"""Where the message and the way out stand in a call; the latter may be called ``hint``."""
SUMMED_UP_BY = {"rewritten": 1, "change": 1, "Change": 2}
"""Where the summary of an edit stands."""
RETURNED = {"endless": "Q never ends: ", "why_unknown": "nobody knows beforehand when Q ends: "}
"""What these return stands inside a message, behind other words of the checker."""
ENGINE, DEVICES = (
    ("engine/*.py", "show/*.py"),
    ("devices/*.py", "runtime/node_health.py", "runtime/wire_health.py", "runtime/links/*.py"),
)
TOLD_BY = {"note": (1, "words"), "answer": (99, "refused"), "Answer": (1, "refused"), "Unknown": (0, "")}
"""Where the engine's lines of the log and its refusals stand in a call, and how they are called there."""
HEALTH_BY = {"_become": 1, "DeviceHealth": 2, "trouble": 0, "broken": 0, "forgive": 0, "lost": 0}
"""Where what is the matter with a device stands; but for the first two, its name comes before, and a full stop after."""
MOST = 200
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Scope: TypeAlias = "Function | None"


class Sentence(NamedTuple):
    where: str
    kind: str
    """``message``, ``hint``, ``summary`` or ``news``."""
    words: str


class Source:
    """A part of the source, and what its functions and constants are called."""

    def __init__(self, files: Iterable[str]) -> None:
        paths = sorted(path for pattern in files for path in ROOT.glob(pattern))
        self.trees = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
        self.functions: dict[str, list[Function]] = {}
        self.constants: dict[str, list[ast.expr]] = {}
        self.calls: dict[str, list[tuple[str, ast.Call, Scope]]] = {}
        for name, tree in self.trees.items():
            for node in tree.body:
                target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
                value = getattr(node, "value", None)
                if isinstance(target, ast.Name) and value is not None:
                    self.constants.setdefault(target.id, []).append(value)
            self._walk(tree, name, None)

    def _walk(self, node: ast.AST, file: str, scope: Scope) -> None:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions.setdefault(child.name, []).append(child)
                inner = child
            if isinstance(child, ast.Call):
                self.calls.setdefault(_called(child), []).append((file, child, scope))
            self._walk(child, file, inner)

    # --- what an expression may say ---------------------------------------------------------------------------------------

    def said(self, node: ast.expr | None, scope: Scope, deep: int = 0) -> list[str]:
        """Every text that ``node`` may be; nothing for what is only passed on."""
        match node:
            case ast.Constant(value=str() as words):
                return [words]
            case ast.JoinedStr(values=parts):
                holes = [
                    self.said(part, scope, deep) if isinstance(part, ast.Constant) else self.put_in(part, scope, deep)
                    for part in parts
                ]
                return ["".join(found) for found in islice(product(*holes), MOST)]
            case ast.IfExp(body=one, orelse=other):
                return self.said(one, scope, deep) + self.said(other, scope, deep)
            case ast.BoolOp(values=values):
                return [words for value in values for words in self.said(value, scope, deep)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                ends = product(self.said(left, scope, deep) or ["Q"], self.said(right, scope, deep) or ["Q"])
                return [one + other for one, other in ends]
            case ast.Dict(values=values):
                return [words for value in values for words in self.said(value, scope, deep)]
            case ast.Subscript(
                value=ast.Call(func=call), slice=ast.Constant(value=int() as n)
            ):  # what a function returns as its nth
                name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
                found = self._returns(name) if deep < 5 else []
                nth = [(item, value.elts[n]) for item, value in found if isinstance(value, ast.Tuple)]
                return [words for item, part in nth for words in self.said(part, item, deep + 1)]
            case ast.Subscript(value=ast.Name(id=name)) if name in self.constants:
                return [words for value in self.constants[name] for words in self.said(value, None, deep)]
            case ast.Call(func=ast.Name(id="did_you_mean"), args=args):
                return [
                    "did you mean Q?",
                    "none is declared yet",
                    "there is Q",
                    *(self.said(args[2], scope, deep) if args[2:] else ()),
                ]
            case ast.Call(func=ast.Attribute(value=value, attr="strip" | "rstrip" | "get")):
                return self.said(value, scope, deep)
            case ast.Call(func=ast.Attribute(attr="join")):
                return ["Q"]
            case ast.Call(func=ast.Name(id=name)) if name in self.functions and deep < 5:
                return self._returned(name, deep)
            case ast.Call(func=ast.Attribute(attr=name)) if len(self.functions.get(name, ())) == 1 and deep < 5:
                return self._returned(name, deep)
            case ast.Name(id=name) if deep < 5:
                return self._named(name, scope, deep) or [
                    w for v in self.constants.get(name, ()) for w in self.said(v, None, deep + 1)
                ]
        return []

    def put_in(self, part: ast.expr, scope: Scope, deep: int) -> list[str]:
        """What may stand in a hole: the few texts that it can be, or ``Q``."""
        value = part.value if isinstance(part, ast.FormattedValue) else part
        follow = isinstance(value, ast.IfExp) or (isinstance(value, ast.Name) and value.id not in self.constants)
        follow = follow or (isinstance(value, ast.Call) and _called(value).startswith("_"))
        few = self.said(value, scope, deep + 1) if follow and deep < 3 else []
        return [words for words in dict.fromkeys(few) if re.search("[a-z]{3}| [(a-z]", words)] or ["Q"]

    def _returned(self, name: str, deep: int) -> list[str]:
        return [words for item, value in self._returns(name) for words in self.said(value, item, deep + 1)]

    def _returns(self, name: str) -> list[tuple[Function, ast.expr]]:
        nodes = ((item, node) for item in self.functions.get(name, ()) for node in ast.walk(item))
        return [(item, node.value) for item, node in nodes if isinstance(node, ast.Return) and node.value is not None]

    def _named(self, name: str, scope: Scope, deep: int) -> list[str]:
        """What a name was set to in its function, or handed over by the function's callers."""
        if scope is None:
            return []
        found = [words for target, worth in _settings(scope) if target == name for words in self.said(worth, scope, deep + 1)]
        names = [item.arg for item in (*scope.args.posonlyargs, *scope.args.args)]
        if name not in names:
            return found
        method = names[0] in ("self", "cls")
        needed = len(names) - method - len(scope.args.defaults)
        for _, call, caller in self.calls.get(scope.name, ()):
            if needed <= len(call.args) + len(call.keywords) <= len(names):  # otherwise it is somebody else of that name
                found += self.said(_given(call, names.index(name) - method, name), caller, deep + 1)
        return found


def _settings(scope: Function) -> Iterator[tuple[str, ast.expr]]:
    """What is set to what in a function: names alone, and names of tuples."""
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                yield from ((one.id, worth) for one, worth in zip(names, values, strict=False) if isinstance(one, ast.Name))
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Call() as call):
                parts = (ast.Subscript(value=call, slice=ast.Constant(n)) for n in range(len(names)))
                yield from ((one.id, part) for one, part in zip(names, parts, strict=True) if isinstance(one, ast.Name))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value
            case _:
                pass


def _given(call: ast.Call, at: int, name: str) -> ast.expr | None:
    return call.args[at] if len(call.args) > at else next((item.value for item in call.keywords if item.arg == name), None)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _numbered(words: str) -> str:
    parts = words.split("Q")
    return parts[0] + "".join(f"Q{n}{part}" for n, part in enumerate(parts[1:], 1))


def found_by_the_checker() -> Iterator[Sentence]:
    """Its findings, why it refuses an edit, the ways out, and the summaries of edits."""
    source = Source(CHECKER)
    for who, places in FOUND_BY.items():
        for file, call, scope in source.calls.get(who, ()):
            if file in OF_THE_COMMAND_LINE or (who in ("error", "warning", "say") and len(call.args) < 3):
                continue
            for kind, at in zip(("message", "hint"), places, strict=True):
                front = "Q " if who == "Unusable" and kind == "message" else ""
                for words in dict.fromkeys(source.said(_given(call, at, kind), scope)):
                    if words.strip():
                        yield Sentence(f"{file}:{call.lineno}", kind, _numbered(front + words))
    for name, front in RETURNED.items():
        for node in ast.walk(source.functions[name][0]):
            for words in source.said(node.value, None) if isinstance(node, ast.Return) else ():
                if words:
                    yield Sentence("lengths.py", "message", _numbered(front + words))
    for who, at in SUMMED_UP_BY.items():
        for file, call, scope in source.calls.get(who, ()):
            if file not in (*OF_THE_COMMAND_LINE, "book.py") and len(call.args) > at:
                for words in dict.fromkeys(source.said(call.args[at], scope)):
                    yield Sentence(f"{file}:{call.lineno}", "summary", _numbered(words))


def told_by_the_show() -> Iterator[Sentence]:
    """Lines of its log, refused requests, and what is the matter with devices."""
    engine, devices = Source(ENGINE), Source(DEVICES)
    for who, (at, called) in TOLD_BY.items():
        for file, call, scope in engine.calls.get(who, ()):
            for words in dict.fromkeys(engine.said(_given(call, at, called), scope)):
                yield Sentence(f"{file}:{call.lineno}", "news", _numbered(words))
    for who, at in HEALTH_BY.items():
        for file, call, scope in devices.calls.get(who, ()):
            for words in dict.fromkeys(devices.said(call.args[at], scope) if len(call.args) > at else ()):
                whole = words if who in ("_become", "DeviceHealth") else f"Q {words}."
                yield Sentence(f"{file}:{call.lineno}", "news", _numbered(whole))
