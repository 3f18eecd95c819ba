"""The architecture, read from the code itself: one floor, no room imports another, no cycles."""

import ast
from pathlib import Path

import pytest

from contracts.code import ROOMS, ROOT, closure, imports_of, module_path

FLOOR = "contracts"
ROW = tuple(room for room in ROOMS if room not in {FLOOR, "workflow"})


def modules():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


ALL = tuple(modules())


def foreign(name, imported):
    """Return the imports of a module that lie in another room than it may look into."""
    room = name.split(".", 1)[0]
    allowed = {room, FLOOR} if room != FLOOR else {FLOOR}
    return [module for module in imported if module.split(".", 1)[0] not in allowed]


@pytest.mark.parametrize("room", [*ROW, FLOOR])
def test_a_room_imports_only_itself_and_the_floor(room):
    wrong = {
        name: found
        for name in ALL
        if name.split(".", 1)[0] == room and (found := foreign(name, imports_of(name)))
    }
    assert not wrong


def test_a_foreign_import_is_seen():
    assert foreign("report.maps.draw", ("contracts.grid", "inversion.problem")) == [
        "inversion.problem"
    ]
    assert foreign("contracts.grid", ("report.build",)) == ["report.build"]


def cycle_in(graph):
    """Return a cycle of a graph, or None."""
    state = {}

    def visit(node, path):
        if state.get(node) == "done":
            return None
        if node in path:
            return path[path.index(node) :]
        for following in graph.get(node, ()):
            found = visit(following, [*path, node])
            if found:
                return found
        state[node] = "done"
        return None

    for node in graph:
        found = visit(node, [])
        if found:
            return found
    return None


def module_level_imports(name):
    """Return imports that run when the module is imported (not those inside functions)."""
    tree = ast.parse(module_path(name).read_text(encoding="utf-8"))
    outer = ast.Module(
        body=[node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)],
        type_ignores=[],
    )
    names = set()
    for node in ast.walk(outer):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            deeper = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {module for module in deeper if module_path(module)}
            names |= modules or {node.module}
    return sorted(module for module in names if module_path(module) and module != name)


def test_no_import_cycle():
    assert cycle_in({name: module_level_imports(name) for name in ALL}) is None


def test_a_cycle_is_seen():
    assert cycle_in({"a": ["b"], "b": ["c"], "c": ["a"]}) == ["a", "b", "c"]


def scripts():
    return sorted((ROOT / "workflow/scripts").glob("*.py"))


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.stem)
def test_scripts_unpack_call_write(path):
    """A script defines `main`, calls it, and computes nothing worth a test of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 90
    assert isinstance(tree.body[-1], ast.Expr)
    assert ast.unparse(tree.body[-1]) == "main(snakemake)"


def test_only_a_rooms_own_registry_names_its_modules():
    wrong = []
    for name in ALL:
        room = name.split(".", 1)[0]
        if room in {FLOOR, "workflow"}:
            continue
        tree = ast.parse(module_path(name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value:
                module = node.value.split(":", 1)[0]
                if (
                    "." in module
                    and module_path(module)
                    and module.split(".", 1)[0] not in {room, FLOOR, "workflow"}
                ):
                    wrong.append((name, node.value))
    assert not wrong


def test_closure_holds_what_registries_name():
    assert "contracts.schemas.prior" in closure("contracts.datasets")


def test_every_module_says_what_comes_in_and_goes_out():
    silent = [
        name
        for name in ALL
        if not ast.get_docstring(ast.parse(module_path(name).read_text(encoding="utf-8")))
    ]
    assert not silent


def test_no_drawer_for_leftovers():
    banned = {"utils", "helpers", "common", "misc"}
    assert not [name for name in ALL if set(name.split(".")) & banned]


def test_files_hold_one_idea():
    long = []
    for name in ALL:
        text = module_path(name).read_text(encoding="utf-8")
        code = [
            line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")
        ]
        tree = ast.parse(text)
        doc = sum(
            (node.body[0].end_lineno - node.body[0].lineno + 1)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node)
        )
        if len(code) - doc > 220:
            long.append((name, len(code) - doc))
    assert not long


def test_loggers_are_named_after_their_module():
    wrong = []
    for name in ALL:
        text = module_path(name).read_text(encoding="utf-8")
        if "logging.Logger(" in text:
            wrong.append(name)
    assert not wrong


def test_root_files_are_in_place():
    for name in (
        "Snakefile",
        "Makefile",
        "requirements.lock",
        "pyproject.toml",
        ".ci/run",
        "README.md",
    ):
        assert (Path(ROOT) / name).is_file(), name
