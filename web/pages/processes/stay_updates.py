"""The clinical update of a stay as a form: a note of the call, records, and the facts that criteria at its level ask for."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile

from domain.errors import Refused, RuleViolation, refusal, violation
from domain.evidence.facts import EvidenceTier, FactDefinition, FactType
from domain.evidence.typed_values import describe_expected, parse_value
from domain.evidence.units import clinic_unit
from domain.journal import Actor
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel
from intake.stays import updates
from intake.stays.evidence import TypedFact, UpdateContents
from intake.stays.updates import UpdateRequest
from services.context import CommandResult
from services.queries.processes.stay_detail import StayDetail
from web.context import SignedIn, WebContext
from web.presentation.processes.act_fields import YES_NO, ActField, ActForm, InputKind, read_choice, read_day, read_text
from web.presentation.processes.stay_view import StayView

_FACT = "fact."


def make_form(context: WebContext, detail: StayDetail, _view: StayView) -> ActForm:
    """The form of a clinical update, with the facts that the criteria of the present level of care ask for."""
    levels = tuple((one.level.value, one.title) for one in context.rulebook.stays.levels.levels)
    return ActForm(
        f"/stays/{detail.case.case_id}/update",
        "Clinical update",
        "Add the update",
        "What the facility says about the patient: by telephone as a note, or as a file of records. The days that are open are "
        "reviewed then; an update that comes during a review waits for its end. Nobody loses a day by it.",
        (
            ActField(
                "note", "Note of the call", InputKind.AREA, "Who said what about the patient's state and treatment."
            ),
            ActField("file", "Records", InputKind.FILE, "A document, or records as JSON (FHIR or plain)."),
            ActField(
                "as_of", "Day of which the records tell", InputKind.DAY, "For values without a date of their own."
            ),
            ActField("through", "Days asked for through", InputKind.DAY, "By the plan's policy, if left out."),
            ActField("level", "Level of care, if it changed", InputKind.CHOICE, choices=(("", "As it was"), *levels)),
            ActField("drg", "Working DRG", hint="Three digits. A signal for the usual length, never a limit."),
            ActField("expected_discharge", "Expected discharge", InputKind.DAY),
            ActField(
                "post_stabilization",
                "After an emergency: the patient is stable, and the facility asks for care from now on",
                InputKind.CHOICE,
                "One hour decides then.",
                YES_NO,
            ),
        ),
        asked=tuple(_field(one) for one in _facts_asked(context, detail)),
    )


async def send(context: WebContext, who: SignedIn, detail: StayDetail, typed: FormData) -> CommandResult:
    """Send the update in the name of who is signed in. Raises Refused for what cannot be read."""
    name, content = await read_file(typed)
    level, drg = read_choice(typed, "level", set(LevelOfCare)), read_text(typed, "drg")
    if drg and not (drg.isascii() and drg.isdecimal() and len(drg) == 3):
        raise refusal("update.drg", "A DRG has three digits.", "Write it such as 291, or leave it out.")
    brought = UpdateContents(
        content=content,
        name=name,
        note=read_text(typed, "note") or None,
        facts=_read_facts(context, detail, typed),
        as_of=read_day(typed, "as_of"),
        channel=Channel.PORTAL if content is not None else Channel.PHONE,
    )
    wanted = UpdateRequest(
        through=read_day(typed, "through"),
        level=LevelOfCare(level) if level else None,
        working_drg=drg or None,
        expected_discharge=read_day(typed, "expected_discharge"),
        post_stabilization={"yes": True, "no": False}.get(read_text(typed, "post_stabilization")),
    )
    actor = Actor(kind="reviewer", id=who.principal.reviewer)
    return await updates.send_update(context.services, detail.case.case_id, brought, wanted, actor)


def _facts_asked(context: WebContext, detail: StayDetail) -> tuple[FactDefinition, ...]:
    """The facts that the criteria of the present level of care ask for, but for those that only a clinician judges or the plan
    itself holds; none where the level is not known."""
    said = detail.case.sheet.content.get("level_of_care") if detail.case.sheet is not None else None
    if not isinstance(said, str):
        return ()
    rule = context.rulebook.stays.levels.rule(LevelOfCare(said))
    groups = {rule.admission_group, rule.continued_group} - {None}
    criteria = context.rulebook.criteria
    asking = [one for one in criteria.guidelines if groups & set(one.applies_to.service_group)]
    named = dict.fromkeys(node.fact for one in asking for node in one.logic.walk() if node.fact is not None)
    found = (criteria.dictionary.by_id[name] for name in named)
    return tuple(one for one in found if one.held_by is None and one.evidence is not EvidenceTier.JUDGMENT)


def _field(fact: FactDefinition) -> ActField:
    name, unit = f"{_FACT}{fact.id}", clinic_unit(fact.unit)
    match fact.type:
        case FactType.BOOL:
            return ActField(name, fact.ask, InputKind.CHOICE, choices=YES_NO)
        case FactType.DATE:
            return ActField(name, fact.ask, InputKind.DAY)
        case FactType.CODE if fact.values:
            choices = (("", "Not said"), *((one, fact.say_value(one)) for one in fact.values))
            return ActField(name, fact.ask, InputKind.CHOICE, choices=choices)
        case _:
            return ActField(name, fact.ask, hint=f"In {unit}." if unit else "")


def _read_facts(context: WebContext, detail: StayDetail, typed: FormData) -> tuple[TypedFact, ...]:
    """The facts that were typed. Raises Refused with each that does not fit its definition."""
    found: list[TypedFact] = []
    broken: list[RuleViolation] = []
    for fact in _facts_asked(context, detail):
        said = read_text(typed, f"{_FACT}{fact.id}")
        value = parse_value(fact, said) if said else None
        if said and value is None:
            words = f"'{said[:40]}' is no answer to: {fact.ask}"
            broken.append(violation(f"fact.{fact.id}", words, f"Write {describe_expected(fact)}."))
        elif value is not None:
            found.append(TypedFact(fact.id, value, fact.unit))
    if broken:
        raise Refused(tuple(broken))
    return tuple(found)


async def read_file(typed: FormData) -> tuple[str | None, bytes | None]:
    """The name and content of the chosen file; None twice where none was."""
    file = typed.get("file")
    return (file.filename, await file.read()) if isinstance(file, UploadFile) and file.filename else (None, None)
