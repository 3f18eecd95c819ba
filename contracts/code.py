"""In: names of our modules. Out: the SHA-256 over their transitive closure, so that an edit re-runs exactly what used it."""

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "contracts",
    "stations",
    "transport",
    "inventories",
    "inversion",
    "reconcile",
    "report",
    "synthetic",
    "workflow",
)
_REGISTRY = re.compile(r"^([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+):[A-Za-z_][A-Za-z0-9_]*$")


def module_path(name: str) -> Path | None:
    """Return the file of one of our modules, or None where `name` is not ours."""
    if name.split(".", 1)[0] not in ROOMS:
        return None
    base = ROOT.joinpath(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def imports_of(name: str) -> tuple[str, ...]:
    """Return our modules that module `name` imports, registry strings `"module:attribute"` included."""
    path = module_path(name)
    if path is None:
        msg = f"module must be one of ours under {ROOT}; got {name!r}. Check its spelling."
        raise ValueError(msg)
    found = set(_parents(name))
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    if path.name == "__init__.py" and _lists_itself(tree):
        found.update(f"{name}.{other.stem}" for other in path.parent.glob("[!_]*.py"))
    for node in ast.walk(tree):
        found.update(_targets(node, name, is_package=path.name == "__init__.py"))
    found.discard(name)
    return tuple(sorted(found))


def _lists_itself(tree: ast.AST) -> bool:
    """Return whether a package imports every module it finds in its own folder."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "iter_modules"
        and any(isinstance(word, ast.Name) and word.id == "__path__" for word in node.args)
        for node in ast.walk(tree)
    )


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [
        ".".join(parts[:count])
        for count in range(1, len(parts))
        if module_path(".".join(parts[:count]))
    ]


def _targets(node: ast.AST, name: str, *, is_package: bool) -> set[str]:
    names: set[str] = set()
    if isinstance(node, ast.Import):
        names = {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            anchor = name.split(".")[: None if is_package and node.level == 1 else -node.level]
            if is_package and node.level > 1:
                anchor = name.split(".")[: -(node.level - 1)]
            base = ".".join([*anchor, *([node.module] if node.module else [])])
        names = {base} | {f"{base}.{alias.name}" for alias in node.names}
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        match = _REGISTRY.match(node.value)
        names = {match.group(1)} if match else set()
    return {candidate for candidate in names if module_path(candidate)}


def closure(*names: str) -> tuple[str, ...]:
    """Return `names` and everything of ours that they import, directly or not, sorted."""
    seen: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue.extend(imports_of(name))
    return tuple(sorted(seen))


def code_hash(*names: str) -> str:
    """Return the SHA-256 over the sources of the closure of `names` (and data files beside them).

    Examples
    --------
    >>> len(code_hash("contracts.code"))
    64
    """
    digest = hashlib.sha256()
    for name in closure(*names):
        path = module_path(name)
        digest.update(name.encode())
        digest.update(path.read_bytes())
        if path.name == "__init__.py":
            for extra in sorted(path.parent.glob("*")):
                if extra.suffix in {".j2", ".css", ".js"}:
                    digest.update(extra.name.encode())
                    digest.update(extra.read_bytes())
    return digest.hexdigest()
