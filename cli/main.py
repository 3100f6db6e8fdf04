"""The `umpire` command line: the table of its commands. A command's module is imported only when it is called."""

from __future__ import annotations

from typing import Any

import typer

from cli.terminal.command_table import CommandEntry, TableGroup
from cli.terminal.exit_codes import EXIT_CODES_HELP, ExitCode
from engine.process_exit import leave

_RUN, _CASES, _WORK, _MAINTENANCE = "Run Umpire", "Cases", "Tasks and actions", "Rules and maintenance"
_RULEBOOK = (
    CommandEntry(
        "check",
        "Load every rule, run the worked examples of every guideline, write every letter once with sample facts, and list the "
        "laws that have to be settled, the events that no process records yet, and the gaps between guidelines, requirements "
        "and the code map. Errors are reported with file and line.",
        "cli.rulebook.check:check",
    ),
    CommandEntry(
        "test",
        "Run the worked examples of every guideline and clock; with FILE those of clocks in it. Each passes, fails with both "
        "values, or is not covered.",
        "cli.rulebook.check:test",
    ),
    CommandEntry(
        "try",
        "Try a guideline on an invented patient: its criteria, the questions in their order, and the letter's sentences.",
        "cli.rulebook.authoring:try_guideline",
    ),
    CommandEntry(
        "new",
        "Write a commented frame of a guideline, a clock or a notice, to be filled in and checked.",
        "cli.rulebook.authoring:new",
    ),
    CommandEntry(
        "units",
        "List the units of facts: the code to write, how a clinic reads it, and spellings that are understood in records.",
        "cli.rulebook.authoring:units",
    ),
    CommandEntry(
        "clock",
        "Explain a clock step by step: its start, length, extensions, due dates and legal source.",
        "cli.rulebook.clock:clock",
    ),
    CommandEntry("diff", "Describe the changes between two rulebook folders.", "cli.rulebook.changes:diff"),
    CommandEntry(
        "impact",
        "List open cases that the rulebook in use affects: their clocks or criteria were made by other rules.",
        "cli.rulebook.changes:impact",
    ),
    CommandEntry(
        "parity",
        "Compare what needs authorization and why: mental health and substance use beside medical and surgical benefits.",
        "cli.rulebook.parity:parity",
    ),
    CommandEntry(
        "schema",
        "Print the JSON Schema of a kind of rulebook file, for editors; or write all of them to a folder.",
        "cli.rulebook.changes:schema",
    ),
    CommandEntry(
        "import-gmlos",
        "Read a year's CMS Table 5 into gmlos.csv, with gmlos.yaml beside it.",
        "cli.rulebook.import_gmlos:import_gmlos",
    ),
    CommandEntry(
        "import-labels",
        "Read drug labels into drug_labels.csv, which says for which diagnoses a drug is labeled.",
        "cli.rulebook.import_labels:import_labels",
    ),
)
_COMMANDS = (
    CommandEntry(
        "up",
        "Start everything, and resume from the last stop. Ctrl-C stops everything cleanly.",
        "cli.operations.up:up",
        _RUN,
    ),
    CommandEntry(
        "demo",
        "Run the stories on a time-skipping server and write their letters to out/.",
        "cli.operations.demo:demo",
        _RUN,
    ),
    CommandEntry(
        "listen",
        "Listen for HL7 v2 ADT messages over MLLP. Each is stored before it is acknowledged. Ctrl-C stops it cleanly.",
        "cli.stays.mllp_listener:listen",
        _RUN,
    ),
    CommandEntry(
        "reconcile",
        "Compare open cases with the workflows that run, and start again those whose workflow is lost.",
        "cli.operations.reconcile:reconcile",
        _RUN,
    ),
    CommandEntry(
        "doctor",
        "Check settings, both servers, TLS, migrations, keys, folders, rules, clocks, workers and releases.",
        "cli.operations.doctor:doctor",
        _RUN,
    ),
    CommandEntry("submit", "Submit requests, updates and cancellations.", "cli.cases.submit:submit", _CASES),
    CommandEntry(
        "schema",
        "Print the JSON Schema of a plain format, with words for every property and value.",
        "cli.cases.formats:schema",
        _CASES,
    ),
    CommandEntry(
        "facts",
        "List the facts that criteria ask for: id, question, value and unit, and the services that ask.",
        "cli.cases.formats:facts",
        _CASES,
    ),
    CommandEntry("admit", "Import notices of admissions, transfers and discharges.", "cli.stays.admit:admit", _CASES),
    CommandEntry(
        "cases",
        "List authorizations, the earliest decision deadline first; with --process the cases of another process.",
        "cli.cases.listing:cases",
        _CASES,
    ),
    CommandEntry(
        "find",
        "Find cases by a number, or by the name of a member or provider. Open cases come first.",
        "cli.cases.listing:find",
        _CASES,
    ),
    CommandEntry(
        "stays",
        "List stays, the latest first, including those that no worker has opened yet.",
        "cli.stays.listing:stays",
        _CASES,
    ),
    CommandEntry(
        "show",
        "Show a case of any process: status, summary, clocks, tasks, letters, journal.",
        "cli.cases.show_authorization:show",
        _CASES,
    ),
    CommandEntry(
        "clocks",
        "List every clock of the rulebook and why it does or does not apply: applicable clocks first, then near matches.",
        "cli.cases.clock_reasons:clocks",
        _CASES,
    ),
    CommandEntry(
        "letter",
        "Print the text of a letter, or of every letter of a case.",
        "cli.cases.show_authorization:letter",
        _CASES,
    ),
    CommandEntry(
        "record",
        "List the records of a case, or open one: the journal says who opened which record when.",
        "cli.cases.records:record",
        _CASES,
    ),
    CommandEntry(
        "note",
        "Add a note to a case of any process. 'umpire show' prints it with who wrote it and when.",
        "cli.cases.records:note",
        _CASES,
    ),
    CommandEntry(
        "contact",
        "Log a contact about a case: with whom, in which role, by which number, when, and the result.",
        "cli.cases.records:contact",
        _CASES,
    ),
    CommandEntry(
        "add-document", "Add a document or clinical records to a case.", "cli.cases.actions:add_document", _CASES
    ),
    CommandEntry(
        "withdraw", "Withdraw a request. Letters confirm it; nothing is decided.", "cli.cases.actions:withdraw", _CASES
    ),
    CommandEntry(
        "reinstate",
        "Take a withdrawal back. The review goes on; one call of the party that withdrew is enough.",
        "cli.cases.actions:reinstate",
        _CASES,
    ),
    CommandEntry(
        "authorization",
        "Look authorizations up, and enter what is asked of them after the decision.",
        "cli.cases.authorization:group",
        _CASES,
    ),
    CommandEntry(
        "reopen",
        "Ask to reopen what was denied, by the rule of the line: a case of its own with its own receipt and clock.",
        "cli.cases.authorization:reopen",
        _CASES,
    ),
    CommandEntry(
        "dismiss",
        "Dismiss a request. Nothing is decided about the care; the letters say how to have the dismissal undone or reviewed.",
        "cli.cases.closings:dismiss",
        _CASES,
    ),
    CommandEntry(
        "vacate",
        "Vacate a dismissal for good cause. The case opens again with its receipt; the time of the dismissal does not count.",
        "cli.cases.closings:vacate",
        _CASES,
    ),
    CommandEntry(
        "not-covered",
        "Tell the requester that the person is not a member on these days. Covered days are decided, the others are not.",
        "cli.cases.closings:not_covered",
        _CASES,
    ),
    CommandEntry(
        "forward",
        "Record that a request for another plan was forwarded, with the proof. Its first arrival stays the receipt.",
        "cli.cases.closings:forward",
        _CASES,
    ),
    CommandEntry(
        "grievance",
        "Enter a grievance about more time taken, or about not expediting. It is answered within 24 hours, by somebody else.",
        "cli.cases.closings:grievance",
        _CASES,
    ),
    CommandEntry(
        "not-filed",
        "Tell the claimant that a request missed the plan's procedure, in 5 days, or 24 hours if it is urgent.",
        "cli.cases.closings:not_filed",
        _CASES,
    ),
    CommandEntry(
        "expedite",
        "Request an expedited review. Without a physician's statement a clinician decides promptly whether to expedite.",
        "cli.cases.actions:expedite",
        _CASES,
    ),
    CommandEntry(
        "appeal", "File an appeal of a determination; a second joins the first.", "cli.cases.appeals:appeal", _CASES
    ),
    CommandEntry("appeals", "List appeals, and what each waits for.", "cli.cases.appeals:list_appeals", _CASES),
    CommandEntry(
        "retro", "Retrospective review: claims, concerns, referrals, findings.", "cli.cases.retrospective:group", _CASES
    ),
    CommandEntry(
        "worklist",
        "List open tasks, the least time left first. Arrivals that could not be read are tasks for intake.",
        "cli.tasks.worklist:worklist",
        _WORK,
    ),
    CommandEntry(
        "claim", "Claim a task. Your role, license and training must match it.", "cli.tasks.assignment:claim", _WORK
    ),
    CommandEntry("release", "Release a claimed task.", "cli.tasks.assignment:release", _WORK),
    CommandEntry(
        "reassign",
        "Reassign a task. For supervisors, medical directors and the assignee.",
        "cli.tasks.assignment:reassign",
        _WORK,
    ),
    CommandEntry(
        "complete",
        "Complete a task. Prompts only for the input that the task and the outcome require.",
        "cli.tasks.complete:complete",
        _WORK,
    ),
    CommandEntry(
        "extend",
        "Extend the deadline of a decision, as far as the clock's rule allows; valid when its letter is mailed in time.",
        "cli.cases.actions:extend",
        _WORK,
    ),
    CommandEntry(
        "peer-to-peer",
        "Record the result of an offered peer-to-peer. When the plan misses the call, the offer stays open.",
        "cli.cases.actions:peer_to_peer",
        _WORK,
    ),
    CommandEntry(
        "concern",
        "Concerns about quality and safety, and referrals to care management.",
        "cli.contacts.concerns:group",
        _WORK,
    ),
    CommandEntry(
        "callback",
        "Messages for utilization staff, and the calls that return them.",
        "cli.contacts.callbacks:group",
        _WORK,
    ),
    CommandEntry(
        "disclosures",
        "List the criteria that were asked for, the latest first: by whom, how they went, and whether they were sent.",
        "cli.contacts.disclosures:disclosures",
        _WORK,
    ),
    CommandEntry("stay", "Actions on an open hospital stay.", "cli.stays.actions:group", _WORK),
    CommandEntry("inbox", "Arrivals that are no case yet.", "cli.operations.inbox:group", _WORK),
    CommandEntry(
        "account", "Accounts of people who sign in to the pages.", "cli.operations.account:group", _MAINTENANCE
    ),
    CommandEntry("journal", "The append-only journal of every case.", "cli.operations.store:journal", _MAINTENANCE),
    CommandEntry("api-key", "Keys with which programs call the API.", "cli.operations.api_keys:group", _MAINTENANCE),
    CommandEntry(
        "backup",
        "Copy the store, and the embedded Temporal, into a new folder. Everything may run meanwhile.",
        "cli.operations.backup:backup",
        _MAINTENANCE,
    ),
    CommandEntry(
        "restore",
        "Put a backup into the home folder (UMPIRE_HOME), in which there must be no store. Every journal is verified.",
        "cli.operations.backup:restore",
        _MAINTENANCE,
    ),
    CommandEntry("keys", "Keys that encrypt what Temporal keeps.", "cli.operations.keys:group", _MAINTENANCE),
    CommandEntry(
        "codec",
        "Serve /encode and /decode to Temporal's web interface and command line, on this machine alone. Ctrl-C stops it.",
        "cli.operations.codec:codec",
        _MAINTENANCE,
    ),
    CommandEntry(
        "retention",
        "For how long records are kept, legal holds, and what may go.",
        "cli.operations.retention:group",
        _MAINTENANCE,
    ),
    CommandEntry(
        "releases",
        "Releases of the worker: which build gets the cases.",
        "cli.operations.release:group",
        _MAINTENANCE,
    ),
    CommandEntry(
        "schedules",
        "Schedules of the upkeep that happens without anybody asking.",
        "cli.operations.schedules:group",
        _MAINTENANCE,
    ),
    CommandEntry(
        "search-attributes",
        "Search attributes of cases in Temporal's own lists.",
        "cli.operations.search_attributes:group",
        _MAINTENANCE,
    ),
    CommandEntry("rulebook", "Check, compare and test the rules.", panel=_MAINTENANCE, members=_RULEBOOK),
    CommandEntry("store", "The database.", "cli.operations.store:store", _MAINTENANCE),
)


class _Umpire(TableGroup):
    """The root group."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(_COMMANDS, **settings)


app = typer.Typer(
    name="umpire",
    cls=_Umpire,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Utilization management on Temporal: verifiable clocks, signed decisions, nothing lost, nothing done twice.",
    epilog=EXIT_CODES_HELP,
)


@app.callback()
def _root() -> None:
    """Make the Typer a group: all its commands are in the table."""


def main(arguments: list[str] | None = None) -> None:
    """Console script: runs a command and exits with its exit code."""
    leave(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        app(args=arguments, prog_name="umpire")
    except SystemExit as left:
        if left.__context__ is not None and isinstance(left.__context__.__cause__, KeyboardInterrupt):
            from cli.terminal.errors import report_interrupt  # Ctrl-C before the command's own code was loaded

            return report_interrupt()
        return left.code if isinstance(left.code, int) else ExitCode.OK if left.code is None else ExitCode.BROKEN
    except Exception as error:  # last resort: no traceback reaches a user
        from cli.terminal.errors import report_unexpected_error

        return report_unexpected_error(error)
    return ExitCode.OK


if __name__ == "__main__":
    main()
