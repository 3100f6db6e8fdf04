"""The house keeps its shape: who may import whom, what stays pure, what things are called."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sysconfig
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "domain", "rulebook", "workflows", "engine", "activities", "store", "templates", "web", "interop", "intake", "services",
    "cli", "demo", "samples", "tests", "bench", "docs", "deploy", ".ci",
}  # fmt: skip
ABOVE_ALL = {"demo", "bench", "tests"}

# -- arrows ----------------------------------------------------------------------------------------------------------------


def test_imports_run_one_way() -> None:
    command = [str(Path(sysconfig.get_path("scripts")) / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_its_arrows() -> None:
    rules = _project()["tool"]["importlinter"]
    packages = set(rules["root_packages"])
    floors = [
        floor
        for contract in rules["contracts"]
        if contract["name"] == "the floors of the house"
        for floor in contract["layers"]
    ]
    assert {name.strip() for floor in floors for name in floor.split("|")} == packages, (
        "every package stands on a floor"
    )
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - ABOVE_ALL == packages


def test_the_drawn_floors_are_those_that_are_checked() -> None:
    """The picture in docs/architecture.md is made from the contracts: `python docs/draw_architecture.py` draws it anew."""
    draw = runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))["draw"]
    assert (ROOT / "docs" / "architecture.svg").read_text() == draw((ROOT / "pyproject.toml").read_text())


def test_no_service_knows_the_demo_the_bench_or_the_tests() -> None:
    for path in _python():
        if path.parts[0] not in ABOVE_ALL | {"cli"}:
            known = {name.split(".")[0] for node in ast.walk(_tree(path)) for name in _imported(node)}
            assert not known & ABOVE_ALL, f"{path} imports {known & ABOVE_ALL}"


def test_a_workflow_file_holds_one_workflow_and_imports_ours_only_past_the_sandbox() -> None:
    """Any other import of a workflow file is loaded anew for every case: slow, and the worker refuses to start."""
    for path in _python("workflows"):
        workflows = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef) and _is_workflow(node)]
        assert len(workflows) <= 1, f"{path} holds {len(workflows)} workflows"
        if workflows:
            outside = {name.split(".")[0] for node in _tree(path).body for name in _imported(node)}
            assert outside <= {"__future__", "temporalio"}, f"{path} imports {outside} in the sandbox"


# -- purity ----------------------------------------------------------------------------------------------------------------

IMPURE_MODULES = {
    "random", "secrets", "os", "io", "sys", "pathlib", "tempfile", "shutil", "glob", "socket", "ssl", "http", "urllib",
    "subprocess", "threading", "multiprocessing", "asyncio", "importlib", "logging", "time", "concurrent", "queue", "signal",
    "select", "selectors", "ctypes", "mmap", "platform", "locale", "getpass", "weakref", "gc", "inspect", "contextvars",
    "sqlite3", "sqlalchemy", "jinja2", "httpx", "fastapi", "pkgutil", "runpy", "sysconfig", "resource", "uvloop",
}  # fmt: skip
IMPURE_NAMES = {
    "open", "print", "input", "eval", "exec", "compile", "breakpoint", "globals", "__import__",
}  # fmt: skip
PURE_NAMES = {
    "engine.activity_errors.error_location", "engine.codec.is_sealed", "engine.search_attributes.DUE_DAY",
    "engine.search_attributes.PROCESS", "engine.search_attributes.STATUS", "engine.search_attributes.at_start",
}  # fmt: skip
"""Constants, and functions that only look at what they are given, of impure modules that workflows use."""
OF_ONE_PROCESS = {"hash", "id"}
"""Built-in functions whose results differ from process to process, so that a replay elsewhere finds others."""
IMPURE_ATTRIBUTES = {
    "utcnow", "today", "uuid1", "uuid4", "uuid6", "uuid7", "time_ns", "monotonic", "perf_counter", "getnode", "urandom",
    "now_utc", "read_text", "read_bytes", "write_text", "write_bytes", "getLogger", "create_task", "to_thread",
    "run_in_executor", "get_event_loop", "get_running_loop",
}  # fmt: skip


def impurities(tree: ast.AST) -> list[str]:
    """Each place that asks a wall clock, chance, the environment or a file, as 'line: what'."""
    return [f"{line}: {what}" for line, what in sorted(set(_impure(tree)))]


def _impure(tree: ast.AST) -> Iterator[tuple[int, str]]:
    names = _names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                for name in _imported(node):
                    if name.split(".")[0] in IMPURE_MODULES or name.split(".")[-1] in IMPURE_ATTRIBUTES:
                        yield node.lineno, f"imports {name}"
            case ast.Name(id=name) if name in IMPURE_NAMES:
                yield node.lineno, name
            case ast.Call(func=ast.Name(id=name)) if name in OF_ONE_PROCESS:
                yield node.lineno, f"{name}()"
            case ast.Global(names=changed):
                yield node.lineno, f"changes {', '.join(changed)} for all cases"
            case ast.Attribute(attr=name) if name in IMPURE_ATTRIBUTES:
                yield node.lineno, f".{name}"
            case ast.Attribute(attr="now") if _stands_for(node, names).startswith("datetime"):
                yield node.lineno, "a clock's now"
            case ast.Call(func=ast.Attribute(attr="now") as asked) if (
                _stands_for(asked, names) != "temporalio.workflow"
            ):
                yield node.lineno, ".now(), and only workflow.now() replays"


def _stands_for(node: ast.expr, names: dict[str, str]) -> str:
    """The full name under which the first of `first.second.third` was imported; empty when it was not."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def test_what_workflows_use_of_other_folders_is_as_pure_as_they_are() -> None:
    """In service no sandbox stands between a workflow and a clock: it may name activities, and call the pure."""
    of_activities = "activities."
    for path in _python("workflows"):
        for node in ast.walk(_tree(path)):
            for name in _imported(node):
                module = _module_of(name)
                if module is None or name.startswith(of_activities):
                    continue
                wrong = impurities(_tree(module))
                assert not wrong or name in PURE_NAMES, f"{path} uses {name}, whose module asks {wrong}"


def test_a_workflow_file_keeps_nothing_between_cases() -> None:
    """Every case of a worker shares the modules: what one wrote there, another would read."""
    for path in _python("workflows"):
        kept = [node for node in _tree(path).body if isinstance(node, ast.Assign | ast.AnnAssign)]
        mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
        assert not [node.lineno for node in kept if isinstance(node.value, mutable)], path


@pytest.mark.parametrize("folder", ["domain", "workflows"])
def test_the_domain_and_the_workflows_ask_no_clock_no_chance_and_no_file(folder: str) -> None:
    found = {str(path): wrong for path in _python(folder) if (wrong := impurities(_tree(path)))}
    assert not found


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime\ndatetime.now()",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime as dt\nclock = dt.datetime.now",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import datetime as when\nask = when.now",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "from time import monotonic as tick\ntick()",
        "import random",
        "from random import choice",
        "import uuid\nuuid.uuid4()",
        "from uuid import uuid4 as fresh\nfresh()",
        "import secrets",
        "import os\nos.environ['X']",
        "from os import environ",
        "from pathlib import Path",
        "def read():\n    return open('x')",
        "print('x')",
        "def later():\n    import os.path",
        "__import__('random')",
        "def stamp(clock):\n    return clock.now()",
        "def place(case):\n    return hash(case) % 8",
        "def count():\n    global seen\n    seen = 1",
        "import concurrent.futures",
        "from sqlalchemy import select",
        "def read(path):\n    return path.read_text()",
        "async def later(loop, work):\n    return await loop.run_in_executor(None, work)",
    ],
)
def test_the_guard_of_purity_sees_every_way_around_it(code: str) -> None:
    assert impurities(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "from temporalio import workflow\nworkflow.now()",
        "def due(order):\n    return order.now",
        "from datetime import time\ntime(23, 59)",
        "def open_case(now):\n    return now",
        "import uuid\nuuid.uuid5(uuid.NAMESPACE_URL, 'x')",
    ],
)
def test_the_guard_of_purity_lets_the_pure_pass(code: str) -> None:
    assert impurities(ast.parse(code)) == []


# -- names -----------------------------------------------------------------------------------------------------------------


def test_the_top_level_is_the_house_as_designed() -> None:
    assert {path.parts[0] for path in _tracked() if len(path.parts) > 1} <= FOLDERS


def test_a_public_class_name_is_used_once() -> None:
    """One word for one thing: whoever reads `StayCase` anywhere knows which one is meant."""
    places: dict[str, list[str]] = {}
    for path in _product():
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_file_is_longer_than_a_reader_can_hold_and_no_folder_fuller() -> None:
    """At most 400 lines a file and 27 files a folder: what is more is two subjects."""
    long = {str(path): lines for path in _product() if (lines := len((_text(path) or "").splitlines())) > 400}
    folders = Counter(path.parent for path in _product() if path.name != "__init__.py")
    full = {str(folder): count for folder, count in folders.items() if count > 27 and folder.name != "versions"}
    assert (long, full) == ({}, {})


def test_the_rooms_of_a_process_have_the_same_names() -> None:
    """Whoever has found one process finds the next: each is a folder with these rooms."""
    for process in ("authorization", "stays", "discharge", "retrospective", "concerns", "callbacks"):
        rooms = {path.stem for path in _product() if path.parent == Path("domain") / process}
        assert rooms >= {"case", "start", "message_checks", "message_effects", "path", "orders", "views"}, process


RIDDLES = ("What ", "Who ", "How ", "Where ", "When ", "Carried out of ")


def riddles(tree: ast.AST) -> list[str]:
    """Each docstring that begins with a question, as 'line: text'; also those below an attribute."""
    return [f"{line}: {text}" for line, text in _docstrings(tree) if text.startswith(RIDDLES)]


def _docstrings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                match statement:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        yield statement.lineno, text.strip()


def test_a_docstring_begins_with_what_a_thing_is_or_does() -> None:
    found = {str(path): asked for path in _python() if (asked := riddles(_tree(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        '"""What it is."""',
        'class Case:\n    """Who waits."""',
        'def case():\n    """\n    How it goes."""',
        'async def case():\n    """When it ends."""',
        'LIMIT = 3\n"""Where it ends."""',
        'class Case:\n    due: int\n    """When it is due."""',
    ],
)
def test_the_guard_of_docstrings_sees_modules_classes_functions_and_attributes(code: str) -> None:
    assert riddles(ast.parse(code))


def test_no_drawer_for_leftovers() -> None:
    drawers = re.compile(r"^(utils?|helpers?|common|misc|miscellaneous|stuff)(\.py)?$")
    assert [str(path) for path in _tracked() if any(drawers.match(part) for part in path.parts)] == []


def test_the_project_speaks_of_itself_alone() -> None:
    """No paths of somebody's machine, no package index, no tracker: whoever clones it has none of these."""
    elsewhere = re.compile(
        r"(?<![\w./-])/(?:work|home|root|Users)/|pypi\.|pythonhosted|index-url|issue #", re.IGNORECASE
    )
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in _tracked()
        if path != Path(__file__).relative_to(ROOT) and (text := _text(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if elsewhere.search(line) or ("../shared" in line and path.parts[0] != "tests")
    ]
    assert found == []


# -- reading the house -----------------------------------------------------------------------------------------------------


@cache
def _tracked() -> tuple[Path, ...]:
    """Every file of the project, relative to its root: git's word where there is git, else what lies there unhidden."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        names = [Path(name) for name in listed.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [path for path in names if not any(part.startswith(".") and part != ".ci" for part in path.parts)]
    return tuple(sorted(path for path in names if (ROOT / path).is_file()))


def _product() -> list[Path]:
    """The Python files of everything but the tests."""
    return [path for path in _tracked() if path.suffix == ".py" and path.parts[0] != "tests"]


def _python(folder: str = "") -> list[Path]:
    return [path for path in _tracked() if path.suffix == ".py" and path.parts[0].startswith(folder)]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), str(path))


def _text(path: Path) -> str | None:
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return None


@cache
def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _imported(node: ast.AST) -> list[str]:
    """The full names that one import statement brings."""
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=module, names=names):
            return [f"{module or ''}.{name.name}" for name in names]
    return []


def _module_of(name: str) -> Path | None:
    """The file of ours that an imported name comes from; None for a name of a library."""
    parts = name.split(".")
    for parent in (parts, parts[:-1]):
        path = Path(*parent).with_suffix(".py") if parent else None
        if path is not None and (ROOT / path).is_file():
            return path
    return None


def _names(tree: ast.AST) -> dict[str, str]:
    """The full name of each imported name: `from datetime import datetime as when` gives when -> datetime.datetime."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias, full in zip(node.names, _imported(node), strict=True):
                known[alias.asname or alias.name] = full
    return known


def _is_workflow(node: ast.ClassDef) -> bool:
    return any("workflow.defn" in ast.unparse(decorator) for decorator in node.decorator_list)
