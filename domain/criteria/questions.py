"""The questions of one round: what to ask of an open guideline first, at most as much as one branch of it needs.

`CriteriaResult.missing` lists everything that can still change an outcome. A clinic that is sent all of it answers facts
which nobody needs. The plan follows one branch of each choice: the likeliest, then the cheapest. Other branches are told as
alternatives in their own words and are asked in a later round, when the answers have ruled the first one out. Exclusions are
one question ("none of these"). A judgment on the way goes to a clinician at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.criteria.compilation import CompiledGuideline, CompiledNode
from domain.criteria.evaluation import compiled_guideline
from domain.criteria.model import Guideline, NodeKind
from domain.criteria.question_lists import SHORT_LIST, is_yes_or_no, list_plain_questions, put_in_order
from domain.criteria.trace import (
    AskedOf,
    CriteriaResult,
    CriteriaResultState,
    FactNeed,
    Question,
    QuestionForm,
    TraceNode,
)
from domain.evidence.fact_reading import FactGap
from domain.evidence.facts import EvidenceTier, FactDictionary, FactType
from domain.three_valued import Tri


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """One round: questions to the provider in the order in which they are put, and criteria that a clinician judges now."""

    questions: tuple[Question, ...] = ()
    judged_now: tuple[FactNeed, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts asked of the provider, each once, in order."""
        return tuple(dict.fromkeys(need.fact for question in self.questions for need in question.needs()))


def plan_questions(
    guideline: Guideline, dictionary: FactDictionary, result: CriteriaResult, diagnoses: Iterable[str] = ()
) -> QuestionPlan:
    """Plan the next round for a result of this guideline; empty unless its state is unknown.

    `diagnoses` are the codes of the request: a branch of `ask_first` that names one of them is the likeliest.
    Raises GuidelineNotUsable when guideline and dictionary do not fit.
    """
    if result.state is not CriteriaResultState.UNKNOWN or result.trace is None:
        return QuestionPlan()
    program = compiled_guideline(guideline, dictionary)
    traces = {node.criterion.id: node for node in result.trace.walk() if node.criterion.kind is not NodeKind.REF}
    needs = tuple(need for group in result.missing for need in group.needs())
    planner = _Planner(program, traces, needs, _likely_branches(guideline, tuple(diagnoses)))
    steps = planner.steps_towards(len(program.steps) - 1, True)
    return QuestionPlan(put_in_order(steps.questions), tuple(_once(steps.judged)))


def merge_plans(plans: Iterable[QuestionPlan]) -> QuestionPlan:
    """The plans of several guidelines that bind together as one: a question whose facts are all asked before is left out."""
    asked: set[str] = set()
    questions: list[Question] = []
    judged: list[FactNeed] = []
    for plan in plans:
        for question in plan.questions:
            if not {need.fact for need in question.needs()} <= asked:
                questions.append(question)
        asked.update(plan.facts)
        judged.extend(plan.judged_now)
    return QuestionPlan(put_in_order(questions), tuple(_once(judged)))


_NUMBER_BURDEN, _DOCUMENT_BURDEN, _JUDGMENT_BURDEN = 2, 3, 3
"""The cost of a fact to whoever has to give it; a yes or no that a statement can answer costs 1."""

_MANY = 10**6

OF_THE_REQUEST = "request."
"""Facts whose ids begin so are read from the service line."""


def _burden(need: FactNeed) -> int:
    if need.asked_of is not AskedOf.PROVIDER:
        return _JUDGMENT_BURDEN
    if need.evidence is EvidenceTier.DOCUMENT:
        return _DOCUMENT_BURDEN
    return 1 if need.type is FactType.BOOL else _NUMBER_BURDEN


@dataclass(slots=True)
class _Steps:
    """The way to one wanted outcome: questions, judgments, and what they cost."""

    questions: list[Question] = field(default_factory=list)
    judged: list[FactNeed] = field(default_factory=list)

    def add(self, other: _Steps) -> None:
        self.questions.extend(other.questions)
        self.judged.extend(other.judged)

    @property
    def needs(self) -> dict[str, FactNeed]:
        """The facts of the provider by id, with those of one option of a choice only."""
        return {need.fact: need for question in self.questions for need in question.options[0]}

    @property
    def cost(self) -> int:
        return sum(map(_burden, self.needs.values())) + sum(map(_burden, _once(self.judged)))

    @property
    def single_facts(self) -> tuple[FactNeed, ...] | None:
        """The facts of the provider where any one of them is the whole way; None where more is needed."""
        if self.judged or len(self.questions) != 1:
            return None
        options = self.questions[0].options
        return tuple(option[0] for option in options) if all(len(option) == 1 for option in options) else None


@dataclass(frozen=True, slots=True)
class _Likely:
    """The order of likelihood that a guideline states: by diagnosis first, then in general."""

    by_diagnosis: frozenset[str]
    in_general: Mapping[str, int]


def _likely_branches(guideline: Guideline, diagnoses: tuple[str, ...]) -> _Likely:
    codes = tuple(code.replace(".", "").upper() for code in diagnoses)
    matched = frozenset(
        first.node
        for first in guideline.ask_first
        if any(code.startswith(prefix.replace(".", "")) for code in codes for prefix in first.diagnoses)
    )
    general = [first.node for first in guideline.ask_first if not first.diagnoses]
    return _Likely(matched, {node: position for position, node in enumerate(general)})


@dataclass(frozen=True, slots=True)
class _Planner:
    """One open evaluation. Places are those of the compiled guideline."""

    program: CompiledGuideline
    traces: Mapping[str, TraceNode]
    needs: tuple[FactNeed, ...]
    likely: _Likely

    def steps_towards(self, place: int, wants_met: bool, told: frozenset[int] = frozenset()) -> _Steps:
        """The questions by which the node at `place` may get the wanted outcome. `told` are nodes about which a sibling branch
        asks: either that branch holds or its opposite, so nothing is asked about them here."""
        step = self.program.steps[place]
        if step.leaf is not None:
            return self._leaf_steps(place)
        if step.kind is NodeKind.PREFER:
            return self._test_steps(step, told)
        children = [child for child in step.children if self._state(child) is Tri.UNKNOWN and child not in told]
        wants_child_met = not wants_met if step.kind is NodeKind.NONE else wants_met
        if step.kind is NodeKind.AT_LEAST:
            return self._cheapest_steps(step, children, wants_met, told)
        if wants_met == (step.kind is not NodeKind.ANY):
            ways = [self.steps_towards(child, wants_child_met, told) for child in children]
            return self._together(step, ways)
        return self._choice(step, children, wants_child_met, told)

    def _leaf_steps(self, place: int) -> _Steps:
        """The question about a leaf; of two dates about those that are not known."""
        leaf = self.program.steps[place].leaf
        assert leaf is not None
        criterion = leaf.criterion
        if self.traces[criterion.id].gap is FactGap.GRAY_ZONE:
            return _Steps(judged=[need for need in self.needs if need.criterion == criterion.id])
        facts = {need.fact for _, need in leaf.dates} or {leaf.definition.id}
        found = _Steps()
        lacking = {need.fact: need for need in self.needs if need.fact in facts and not _is_doubt(need)}
        asked = tuple(need for need in lacking.values() if need.asked_of is AskedOf.PROVIDER)
        if 1 < len(asked) == len(lacking):
            title = criterion.text or asked[0].ask
            return _Steps([Question(criterion.id, QuestionForm.ALL_OF, (asked,), title)])
        for need in lacking.values():
            if need.asked_of is AskedOf.CLINICIAN:
                found.judged.append(replace(need, criterion=criterion.id))
            elif need.asked_of is AskedOf.PROVIDER:
                title = criterion.text or need.ask
                found.questions.append(Question(criterion.id, QuestionForm.FACT, ((need,),), title))
        return found

    def _test_steps(self, step: CompiledNode, told: frozenset[int]) -> _Steps:
        """Of several tests one that was done and cannot be read, else any one; a clinician judges where they disagree."""
        judged = [need for need in self.needs if need.criterion == step.criterion.id and _is_doubt(need)]
        if judged:
            return _Steps(judged=judged)
        open_tests = [child for child in step.children if self._state(child) is Tri.UNKNOWN and child not in told]
        done = [child for child in open_tests if self.traces[self._id(child)].gap is not FactGap.MISSING]
        return self._choice(step, done or open_tests, True, told)

    def _together(self, step: CompiledNode, ways: Sequence[_Steps]) -> _Steps:
        """All ways of a group; exclusions that are yes or no are put as one question."""
        found = _Steps()
        for way in ways:
            found.add(way)
        alone = [question for question in found.questions if is_yes_or_no(question)]
        if step.kind is NodeKind.NONE and len(alone) > 1:
            asked = tuple(dict.fromkeys(need for question in alone for need in question.needs()))
            title = step.criterion.text or "None of these"
            listed = Question(step.criterion.id, QuestionForm.NONE_OF, (asked,), title)
            found.questions = [listed, *(one for one in found.questions if one not in alone)]
        elif step.kind is NodeKind.ALL and step.criterion.text and step is not self.program.steps[-1]:
            found.questions = list_plain_questions(found.questions, step.criterion.id, step.criterion.text)
        return found

    def _choice(self, step: CompiledNode, children: list[int], wants_met: bool, told: frozenset[int]) -> _Steps:
        """The likeliest branch; with it every single fact that would be enough too, and the other branches in words."""
        if not children:
            return _Steps()
        ways = {
            child: self.steps_towards(child, wants_met, told | self._told_by_siblings(child, children))
            for child in children
        }
        order = sorted(children, key=lambda child: self._preference(child, ways[child].cost, children))
        first, others = ways[order[0]], order[1:]
        if not others:
            return _titled(first, step)
        if first.single_facts is None:
            return self._branch(step, order[0], first, others, wants_met)
        options: dict[str, FactNeed] = {}
        words: list[str] = []
        for child in order:
            single = ways[child].single_facts
            if single is None or self._speaks_against(child):
                words.append(self._words(child))
            else:
                options.update((need.fact, need) for need in single)
                words.extend(ways[child].questions[0].instead)
        listed = tuple((need,) for need in (options or {need.fact: need for need in first.single_facts}).values())
        form = QuestionForm.ONE_OF if len(listed) > 1 else QuestionForm.FACT
        title = step.criterion.text or listed[0][0].ask
        return _Steps([Question(step.criterion.id, form, listed, title, _words_once(words))])

    def _branch(self, step: CompiledNode, chosen: int, way: _Steps, others: Sequence[int], wants_met: bool) -> _Steps:
        """A branch of several facts: one question where all are yes or no; the first question says what would do instead. Of a
        long branch that a diagnosis makes likely its own facts are one question, and what hangs under it waits for them."""
        instead = _words_once(self._words(child) for child in others)
        is_long = len(way.questions) > SHORT_LIST and self._id(chosen) in self.likely.by_diagnosis
        if wants_met and is_long and (own := self._own_needs(chosen)):
            asked_now = Question(self._id(chosen), QuestionForm.ALL_OF, (own,), self._words(chosen), instead)
            return _Steps([asked_now], way.judged)
        if not way.questions:
            return way
        head, *rest = list_plain_questions(way.questions, self._id(chosen), step.criterion.text or self._words(chosen))
        return _Steps([replace(head, instead=_words_once((*head.instead, *instead))), *rest], way.judged)

    def _cheapest_steps(self, step: CompiledNode, children: list[int], wants_met: bool, told: frozenset[int]) -> _Steps:
        """As many children as are still lacking, the likeliest and cheapest first."""
        met = sum(self._state(child) is Tri.MET for child in step.children)
        missed = sum(self._state(child) is Tri.NOT_MET for child in step.children)
        lacking = step.n - met if wants_met else len(step.children) - step.n + 1 - missed
        ways = {child: self.steps_towards(child, wants_met, told) for child in children}
        order = sorted(children, key=lambda child: self._preference(child, ways[child].cost, children))
        found = self._together(step, [ways[child] for child in order[:lacking]])
        others = _words_once(self._words(child) for child in order[lacking:])
        if others and found.questions:
            last = found.questions[-1]
            found.questions[-1] = replace(last, instead=_words_once((*last.instead, *others)))
        return found

    def _own_needs(self, place: int) -> tuple[FactNeed, ...]:
        """The open facts of the provider that stand in the group itself, without nested groups and refs."""
        step = self.program.steps[place]
        if step.kind is not NodeKind.ALL:
            return ()
        here = (child for child, by_ref in zip(step.children, step.by_ref, strict=True) if not by_ref)
        own = (child for child in here if self.program.steps[child].leaf and self._state(child) is Tri.UNKNOWN)
        needs = (need for child in own for question in self._leaf_steps(child).questions for need in question.needs())
        return tuple({need.fact: need for need in needs}.values())

    def _preference(self, child: int, cost: int, siblings: Sequence[int]) -> tuple[int, int, int, int, int]:
        """Smaller is asked first: by diagnosis, by what the record says for and against, as the guideline says, by cost."""
        name = self._id(child)
        record = 1 - self._speaks_for(child) + self._speaks_against(child)
        return (
            int(name not in self.likely.by_diagnosis),
            record,
            self.likely.in_general.get(name, _MANY),
            cost,
            siblings.index(child),
        )

    def _speaks_for(self, place: int) -> bool:
        """Whether something of the branch, and of it alone, is known and met."""
        return next(self._leaves(place, Tri.MET), None) is not None

    def _speaks_against(self, place: int) -> bool:
        """Whether one of several ways within the branch is ruled out by a known value."""
        return next(self._leaves(place, Tri.NOT_MET), None) is not None

    def _leaves(self, place: int, state: Tri) -> Iterator[int]:
        """The leaves of a branch, without refs, to whose outcome a known value of the record gave this state. The request
        itself, such as the code asked for, says nothing about the patient."""
        step = self.program.steps[place]
        of_record = step.leaf is not None and not step.leaf.definition.id.startswith(OF_THE_REQUEST)
        if of_record and self._state(place) is state:
            yield place
        under_none = step.kind is NodeKind.NONE
        for child, by_ref in zip(step.children, step.by_ref, strict=True):
            if not by_ref:
                yield from self._leaves(child, _OPPOSITE[state] if under_none else state)

    def _told_by_siblings(self, child: int, siblings: Collection[int]) -> frozenset[int]:
        """Nodes inside the other branches which this branch only negates."""
        inside = {place for other in siblings if other != child for place in self._below(other)}
        return frozenset(place for place in self._negated_refs(child) if place in inside)

    def _negated_refs(self, place: int) -> Iterator[int]:
        step = self.program.steps[place]
        for child, by_ref in zip(step.children, step.by_ref, strict=True):
            if by_ref and step.kind is NodeKind.NONE:
                yield child
            elif not by_ref:
                yield from self._negated_refs(child)

    def _below(self, place: int) -> Iterator[int]:
        yield place
        step = self.program.steps[place]
        for child, by_ref in zip(step.children, step.by_ref, strict=True):
            if not by_ref:
                yield from self._below(child)

    def _state(self, place: int) -> Tri:
        return self.traces[self._id(place)].state

    def _id(self, place: int) -> str:
        return self.program.steps[place].criterion.id

    def _words(self, place: int) -> str:
        criterion = self.program.steps[place].criterion
        return criterion.text or criterion.label or criterion.id


_DOUBTS = frozenset({FactGap.GRAY_ZONE, FactGap.DISAGREEING_TESTS})
_OPPOSITE = {Tri.MET: Tri.NOT_MET, Tri.NOT_MET: Tri.MET, Tri.UNKNOWN: Tri.UNKNOWN}


def _is_doubt(need: FactNeed) -> bool:
    """Whether a clinician has to judge a value that is known."""
    return need.gap in _DOUBTS


def _titled(way: _Steps, step: CompiledNode) -> _Steps:
    """The only open way of a choice, under the words of the choice where it is a single question."""
    if step.criterion.text is not None and len(way.questions) == 1:
        return _Steps([replace(way.questions[0], title=step.criterion.text)], way.judged)
    return way


def _once(needs: Iterable[FactNeed]) -> Iterator[FactNeed]:
    yield from {need.criterion: need for need in needs}.values()


def _words_once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
