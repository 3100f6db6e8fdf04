"""Commands that workflow code can issue, in the order of the source; replays of stored histories do not reach all of them."""

from __future__ import annotations

import ast

from tests.paths import ROOT

WORKFLOWS = ROOT / "workflows"
COMMANDS = frozenset(
    {
        "execute_activity_method",
        "execute_local_activity_method",
        "execute_activity",
        "execute_local_activity",
        "start_activity_method",
        "start_local_activity_method",
        "execute_child_workflow",
        "start_child_workflow",
        "continue_as_new",
        "wait_condition",
        "sleep",
        "upsert_search_attributes",
        "upsert_memo",
        "patched",
        "deprecate_patch",
    }
)


def fingerprints() -> dict[str, list[str]]:
    """For each function of the workflow files, its commands with what they name: ``wait_condition``, ``… Records.record``."""
    found: dict[str, list[str]] = {}
    for path in sorted(WORKFLOWS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                commands = [_command_text(call) for call in _calls(node)]
                if commands:
                    found[f"{path.relative_to(WORKFLOWS).with_suffix('')}.{node.name}"] = commands
    return found


def _calls(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.Call]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    wanted = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in COMMANDS]
    return sorted(wanted, key=lambda call: (call.lineno, call.col_offset))


def _command_text(call: ast.Call) -> str:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    what = ast.unparse(call.args[0]) if call.args and not isinstance(call.args[0], ast.Lambda) else ""
    return f"{name} {what}".strip()
