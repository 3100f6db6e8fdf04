"""`umpire rulebook clock`: explanation of a clock, step by step."""

from __future__ import annotations

from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from cli.terminal import output
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.calendars import CalendarError, zone_of
from domain.clocks.binding import evaluate_bindings
from domain.clocks.engine import Clock, compute_clock
from domain.clocks.events import EventKind
from domain.clocks.rules import ClockRule, Consequence
from rulebook.calendar_rules import load_federal_calendar
from rulebook.clock_rules import load_clock_rules
from rulebook.example_reading import Example, ExampleEvent, NotCovered, ParsedExample, interpret_example
from rulebook.rulebook import rulebook_root


def clock(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule, such as MA-OD-STD-PA.")],
    zone: Annotated[str, typer.Option("--zone", help="The case's IANA zone, such as America/New_York.")],
    received: Annotated[
        str, typer.Option("--received", help="Receipt, such as 2026-11-03T09:15:00; a date means noon.")
    ],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="KIND@T", help="An event, such as appeal_received@2026-11-03."),
    ] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="One version or variant of the rule.")] = None,
    as_json: Json = False,
) -> None:
    """Explain a clock step by step: its start, length, extensions, due dates and legal source.

    Facts that are not given are taken from the rule: an appeal clock is shown in an appeal, a State's for an insured member
    there. Times without an offset are in the zone. Details follow an event after commas, as in
    extension_notice_sent@2026-11-10,reason=plan_justified.
    """
    with handle_errors():
        root = rulebook_root()
        rules = load_clock_rules(root / "clocks")
        calendar = load_federal_calendar(root / "calendars")
        scene = _build_scene(rule, variant, zone, received, event or [], rules)
        try:
            found = _binding_rules(scene, rules, variant)
            computed = [(one, compute_clock(one, scene.facts, scene.events, calendar)) for one in found]
        except CalendarError as problem:
            print_error(str(problem))
            raise typer.Exit(ExitCode.USAGE) from None
        if as_json:
            output.print_json([_clock_json(one, answer, scene, rules) for one, answer in computed])
            return
        for one, answer in computed:
            _print_steps(one, answer, scene, rules)


def _build_scene(
    rule: str, variant: str | None, zone: str, received: str, events: list[str], rules: tuple[ClockRule, ...]
) -> ParsedExample:
    try:
        local = zone_of(zone)
        example = Example(
            id="asked",
            rule_id=rule.strip().upper(),
            variant=variant,
            zone=zone,
            received=_parse_time(received, local),
            events=tuple(_parse_event(text, local) for text in events),
            expect={},
        )
        return interpret_example(example, rules)
    except (CalendarError, NotCovered) as problem:
        name = rule.strip().upper()
        print_error(str(problem), _remedy(str(problem), name, rules))
        is_known = any(one.rule_id == name for one in rules)
        raise typer.Exit(ExitCode.USAGE if is_known else ExitCode.NOT_FOUND) from None


def _remedy(problem: str, rule: str, rules: tuple[ClockRule, ...]) -> str:
    known = sorted({one.rule_id for one in rules})
    if rule not in known:
        law = [one for one in known if one.startswith(f"{rule.split('-')[0]}-")]
        near = get_close_matches(rule, known, 5, cutoff=0.75) or law
        return f"Did you mean {', '.join(near)}?" if near else f"The {len(known)} rules: {', '.join(known)}."
    if problem.startswith("no rule is called"):
        variants = ", ".join(one.variant or "(none)" for one in rules if one.rule_id == rule)
        return f"Variants of {rule}: {variants}."
    if problem.startswith("no event is called"):
        return f"Events: {', '.join(kind.value for kind in EventKind)}."
    return "See 'umpire rulebook clock --help'."


def _parse_event(text: str, zone: ZoneInfo) -> ExampleEvent:
    told_as, *details = text.split(",")
    kind, at_sign, at = told_as.partition("@")
    if not at_sign:
        raise NotCovered(f"{text!r} is no event: write KIND@T, such as notice_dated@2026-11-03")
    more = dict(detail.partition("=")[::2] for detail in details)
    stamp = _parse_time(at, zone)
    place = "on" if len(stamp) == len("2026-01-01") else "at"
    try:
        return ExampleEvent.model_validate({"event": kind, place: stamp} | more)
    except ValidationError as problem:
        wrong = problem.errors()[0]
        detail = ".".join(map(str, wrong["loc"]))
        known = ", ".join(name for name in ExampleEvent.model_fields if name not in ("event", "at", "on"))
        says = f"no detail of an event is called {detail}; there are {known}"
        if detail in ExampleEvent.model_fields:
            wanted = "a number from 0, or a day such as 2026-11-03"
            says = f"{detail}={more.get(detail)!r} of {kind} is not understood: it takes {wanted}"
        raise NotCovered(says) from None


def _parse_time(text: str, zone: ZoneInfo) -> str:
    """Parse a date or time; a time without an offset is in the zone."""
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotCovered(f"{text!r} is neither a date nor an instant such as 2026-11-03T09:15:00") from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).isoformat()


def _binding_rules(scene: ParsedExample, rules: tuple[ClockRule, ...], variant: str | None) -> list[ClockRule]:
    """The version of the rule that applies, and the rules that use it."""
    if variant is not None:
        return [scene.rule]
    verdicts = evaluate_bindings(rules, scene.facts, scene.events)
    bound = [one for one, verdict in zip(rules, verdicts, strict=True) if verdict.binds]
    own = [one for one in bound if one.rule_id == scene.rule.rule_id] or [scene.rule]
    return [*own, *(one for one in bound if any(one.rule_id in rule.uses for rule in own))]


def _binding_reason(rule: ClockRule, scene: ParsedExample, rules: tuple[ClockRule, ...]) -> str:
    same = (rule.rule_id, rule.variant)
    return next(
        one.why for one in evaluate_bindings(rules, scene.facts, scene.events) if (one.rule_id, one.variant) == same
    )


def _clock_json(rule: ClockRule, answer: Any, scene: ParsedExample, rules: tuple[ClockRule, ...]) -> dict[str, Any]:
    return {
        "rule": rule.model_dump(mode="json"),
        "why": _binding_reason(rule, scene, rules),
        "runs": isinstance(answer, Clock),
        "clock": answer.model_dump(mode="json"),
    }


# -- for people ------------------------------------------------------------------------------------------------------------


def _print_steps(rule: ClockRule, answer: Any, scene: ParsedExample, rules: tuple[ClockRule, ...]) -> None:
    output.print_heading(f"{rule.rule_id} {rule.variant}".strip() + f": {rule.title}")
    steps: list[tuple[str, str]] = [("Binds", _binding_reason(rule, scene, rules))]
    steps += [("Law", "; ".join(rule.cites)), ("Confidence", rule.confidence.value)]
    zone = scene.facts.zone
    if isinstance(answer, Clock):
        steps += _clock_steps(rule, answer, zone)
    else:
        steps.append(("Does not run", answer.why))
    if rule.note:
        steps.append(("Note", rule.note))
    steps += [("Mind", trap) for trap in rule.traps]
    output.print_table(("", ""), steps, show_header=False)


def _clock_steps(rule: ClockRule, clock: Clock, zone: str) -> list[tuple[str, str]]:
    note = f" ({rule.starts.note})" if rule.starts is not None and rule.starts.note else ""
    steps = [
        ("1 Starts", _format_instant(clock.starts_at, zone) + note),
        ("2 Runs", f"{rule.length}, to {_format_instant(clock.base_due, zone)}"),
    ]
    if clock.opens_at is not None:
        steps.append(("  Not before", _format_instant(clock.opens_at, zone)))
    steps.append(("3 Moved by", _extension_text(rule, clock)))
    for due in clock.due:
        to = f" to {due.to}" if due.to else ""
        steps.append((f"4 {output.spell_out(due.kind.value)}", f"{_format_instant(due.at, zone)}{to}: {due.reason}"))
    for reading in clock.other_readings:
        steps.append(("  Other reading", f"{_format_instant(reading.at, zone)}: {reading.reason} [{reading.citation}]"))
    if clock.missed is not None:
        steps.append(("5 If missed", f"{output.spell_out(clock.missed.effect.value)}. {clock.missed.note}"))
        steps += _missed_steps(clock.missed)
    return steps


def _missed_steps(missed: Consequence) -> list[tuple[str, str]]:
    """Automatic steps of a case after the missed deadline."""
    steps = []
    if missed.told is not None:
        steps.append(("  Notice", f"of the missed deadline, {output.spell_out(missed.told.value)}"))
    if missed.next_rule is not None:
        to = f": the case file goes to the {missed.forward_to}" if missed.forward_to is not None else ""
        steps.append(("  Starts", f"{missed.next_rule}{to}"))
    if missed.liability is not None:
        pays = missed.liability
        steps.append(("  Pays", f"the {pays.bearer.value}, for {pays.pays_for}, until {pays.until} [{pays.cite}]"))
    return steps


def _extension_text(rule: ClockRule, clock: Clock) -> str:
    if clock.extension_valid:
        return "an extension, see below" + (", and it was paused meanwhile" if clock.tolled else "")
    if clock.extension_problem is not None:
        return f"nothing: {clock.extension_problem}"
    if rule.extension is None:
        return "nothing: this rule allows no extension and is never paused"
    most = "the day that the notice names" if rule.extension.most is None else str(rule.extension.most)
    return f"nothing so far; once, by {most}, if the notice is mailed in time. {rule.extension.notice}"


def _format_instant(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S %Z}"
