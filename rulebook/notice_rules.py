"""Rules on the content of notices, read from `rulebook/notices/`.

A notice (`<kind>.yaml`) names the element sets it uses. A set is searched in the law of the line of business
(`law/<lob>.yaml`) first and in `shared.yaml` second, so that one notice has the content that each law requires. A line of
business whose law lacks a set has no rule for that notice: asking for it is an error, never a letter under another law.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field

from domain.clocks.rules import MissedClockEffect
from domain.letters.context import ElementCondition, NoticeElement
from domain.letters.notice_rules import AppealRights, NoNoticeRule, NoticeForm, NoticeRule, RecipientNeed, Tagline
from domain.letters.standalone import StandaloneKind, StandaloneRule
from domain.model import Model
from domain.vocabulary import Audience, Lob, NoticeKind, ServiceKind, Urgency
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.review_organizations import ConsumerOffice, QioRegion, StateHearingOffice, StateOffices, build_offices
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, model_items, read_yaml, to_model

NOTICES_FOLDER = RULEBOOK_ROOT / "notices"
_NO_NOTICES = frozenset({"shared.yaml", "languages.yaml", "qio.yaml", "offices.yaml", "standalone.yaml"})
M = TypeVar("M", bound=BaseModel)
RuleKey = tuple[NoticeKind, Audience, Lob]


class ElementSet(Model):
    """Elements that notices use together, by name."""

    name: str
    elements: tuple[NoticeElement, ...]


class LineOfBusinessTerms(Model):
    """Terms of a notice that differ under one line of business."""

    need: RecipientNeed | None = None
    form: NoticeForm | None = None
    consequences: tuple[MissedClockEffect, ...] = ()
    never_for: tuple[ServiceKind, ...] = ()
    never_when: tuple[Urgency, ...] = ()
    never_citation: str | None = None
    advance_days: int | None = Field(default=None, gt=0)
    advance_citation: str | None = None


class NoticeDefinition(Model):
    """A notice for one audience as it stands in its file, before the law of a line of business is added."""

    kind: NoticeKind
    audience: Audience
    need: RecipientNeed = RecipientNeed.ALWAYS
    title: str
    partial_title: str | None = None
    care_given_title: str | None = None
    care_given_partial_title: str | None = None
    appeal_title: str | None = None
    appeal_partial_title: str | None = None
    uses: tuple[str, ...]
    by_lob: dict[Lob, LineOfBusinessTerms] = {}
    elements: tuple[NoticeElement, ...] = Field(min_length=1)


@dataclass(frozen=True)
class LineOfBusinessLaw:
    """The law of one line of business: its rights to appeal and its element sets by name."""

    lob: Lob
    rights: tuple[AppealRights, ...]
    sets: Mapping[str, ElementSet]


class NoticeBook:
    """Rules of every notice, for each audience under each line of business. Built once, then only read."""

    def __init__(
        self,
        rules: Mapping[RuleKey, NoticeRule],
        rights: Mapping[tuple[Lob, ServiceKind], AppealRights],
        gaps: Mapping[RuleKey, str],
        version: str,
        qios: Mapping[str, QioRegion],
        offices: StateOffices,
        standalone: Mapping[StandaloneKind, StandaloneRule],
    ) -> None:
        self._rules, self._rights, self._gaps, self._qios = dict(rules), dict(rights), dict(gaps), dict(qios)
        self.version, self.offices, self.standalone = version, offices, dict(standalone)

    @classmethod
    def load(cls, folder: Path = NOTICES_FOLDER) -> NoticeBook:
        """Read all files of the folder. Raises RulebookErrors with every error (file, line, key, expected)."""
        return _NoticeLoader(folder).book()

    def rule(self, kind: NoticeKind, audience: Audience, lob: Lob) -> NoticeRule:
        """The rule of a notice. Raises NoNoticeRule, naming what the rulebook lacks, when there is none."""
        try:
            return self._rules[kind, audience, lob]
        except KeyError:
            reason = self._gaps.get((kind, audience, lob), "this notice has no version for this audience")
            raise NoNoticeRule(f"no {kind} letter to the {audience} under {lob}: {reason}") from None

    def rights(self, lob: Lob, service_kind: ServiceKind) -> AppealRights | None:
        """The rights to appeal an adverse determination, or None where the rulebook has none for this service."""
        return self._rights.get((lob, service_kind))

    def audiences(self, kind: NoticeKind, lob: Lob) -> tuple[Audience, ...]:
        """The audiences that always get this notice, the member first. Raises NoNoticeRule when one of them cannot get it:
        a letter to the provider alone would leave the member untold in silence."""
        known = [audience for audience in Audience if (kind, audience, lob) in self._rules]
        lacking = [audience for audience in Audience if (kind, audience, lob) in self._gaps]
        if lacking or not known:
            self.rule(kind, Audience.PROVIDER if Audience.PROVIDER in lacking or not lacking else lacking[0], lob)
        return tuple(a for a in known if self._rules[kind, a, lob].need is RecipientNeed.ALWAYS)

    def audiences_when_needed(self, kind: NoticeKind, lob: Lob) -> tuple[Audience, ...]:
        """The audiences that get this notice only when a person decides that it is needed."""
        rules = ((audience, self._rules.get((kind, audience, lob))) for audience in Audience)
        return tuple(audience for audience, rule in rules if rule and rule.need is RecipientNeed.WHEN_NEEDED)

    def qio(self, state: str) -> QioRegion | None:
        """Medicare's review organization for a state (two letters), or None where the rulebook has none."""
        return self._qios.get(state)

    def rules(self) -> tuple[NoticeRule, ...]:
        """All rules."""
        return tuple(self._rules.values())


class _NoticeLoader:
    """Loader of the folder that collects the errors of all files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._errors: list[RulebookError] = []
        self._hash = hashlib.sha256()

    def book(self) -> NoticeBook:
        languages = self._read(self._folder / "languages.yaml")
        taglines = tuple(tagline for _, tagline in self._list(languages, "taglines", Tagline))
        shared = self._sets(self._read(self._folder / "shared.yaml"))
        laws = {law.lob: law for law in map(self._law, sorted((self._folder / "law").glob("*.yaml"))) if law}
        notices = tuple(self._notices())
        qios, offices, standalone = self._qios(), self._offices(), self._standalone()
        self._stop_at_errors()
        self._check_set_names(notices, {*shared, *(name for law in laws.values() for name in law.sets)})
        self._stop_at_errors()
        version = self._hash.hexdigest()[:12]
        rules: dict[RuleKey, NoticeRule] = {}
        gaps: dict[RuleKey, str] = {}
        for located, notice in notices:
            for lob in Lob:
                key = (notice.kind, notice.audience, lob)
                built = _build_rule(notice, lob, laws.get(lob), shared, taglines, version)
                if isinstance(built, str):
                    gaps[key] = built
                    continue
                rules[key] = built
                for hidden in _unreachable_elements(built):
                    problem = f"under {lob} the element {hidden} comes again after one that always applies"
                    self._errors.append(located.error(("uses",), problem, "conditions that leave room for both"))
        self._stop_at_errors()
        rights = {
            (law.lob, kind): right.model_copy(update={"version": version})
            for law in laws.values()
            for right in law.rights
            for kind in right.service_kinds
        }
        return NoticeBook(rules, rights, gaps, version, qios, offices, standalone)

    def _notices(self) -> Iterator[tuple[LocatedYaml, NoticeDefinition]]:
        seen: set[tuple[NoticeKind, Audience]] = set()
        for path in sorted(self._folder.glob("*.yaml")):
            if path.name in _NO_NOTICES:
                continue
            for located, notice in self._list(self._read(path), "notices", NoticeDefinition):
                if notice.kind != path.stem:
                    self._errors.append(
                        located.error(("kind",), f"got {notice.kind}", f"{path.stem}, as the file is named")
                    )
                if (notice.kind, notice.audience) in seen:
                    self._errors.append(
                        located.error(("audience",), f"a second {notice.kind} for the {notice.audience}")
                    )
                seen.add((notice.kind, notice.audience))
                yield located, notice

    def _qios(self) -> dict[str, QioRegion]:
        found: dict[str, QioRegion] = {}
        for located, region in self._list(self._read(self._folder / "qio.yaml"), "organizations", QioRegion):
            for position, state in enumerate(region.states):
                if state in found:
                    self._errors.append(located.error(("states", position), f"{state} has an organization already"))
                found[state] = region
        return found

    def _offices(self) -> StateOffices:
        file = self._read(self._folder / "offices.yaml")
        helps = self._list(file, "consumer_help", ConsumerOffice, frozenset({"hearing_offices"}))
        hearings = self._list(file, "hearing_offices", StateHearingOffice, frozenset({"consumer_help"}))
        offices, errors = build_offices(helps, hearings)
        self._errors.extend(errors)
        return offices

    def _standalone(self) -> dict[StandaloneKind, StandaloneRule]:
        """The letters that belong to no case: every kind is there, once."""
        file = self._read(self._folder / "standalone.yaml")
        found: dict[StandaloneKind, StandaloneRule] = {}
        for located, rule in self._list(file, "letters", StandaloneRule):
            if rule.kind in found:
                self._errors.append(located.error(("kind",), f"a second {rule.kind}", "each kind once"))
            found[rule.kind] = rule
        for kind in StandaloneKind:
            if file is not None and not self._errors and kind not in found:
                self._errors.append(file.error(("letters",), f"no letter is of the kind {kind}", "each kind once"))
        return found

    def _law(self, path: Path) -> LineOfBusinessLaw | None:
        file = self._read(path)
        rights = self._list(file, "rights", AppealRights, frozenset({"sets"}))
        sets = self._sets(file, frozenset({"rights"}))
        if not rights:
            return None
        lob = rights[0][1].lob
        taken: set[ServiceKind] = set()
        for located, right in rights:
            if right.lob != path.stem:
                self._errors.append(located.error(("lob",), f"got {right.lob}", f"{path.stem}, as the file is named"))
            for kind in taken.intersection(right.service_kinds):
                self._errors.append(located.error(("service_kinds",), f"{kind} has rights already"))
            taken.update(right.service_kinds)
        return LineOfBusinessLaw(lob, tuple(right for _, right in rights), sets)

    def _sets(self, file: LocatedYaml | None, beside: frozenset[str] = frozenset()) -> dict[str, ElementSet]:
        sets: dict[str, ElementSet] = {}
        for located, element_set in self._list(file, "sets", ElementSet, beside):
            if element_set.name in sets:
                self._errors.append(located.error(("name",), f"a second set {element_set.name}", "each name once"))
            sets[element_set.name] = element_set
        return sets

    def _read(self, path: Path) -> LocatedYaml | None:
        try:
            file = read_yaml(path)
        except RulebookErrors as refused:
            self._errors.extend(refused.errors)
            return None
        self._hash.update(path.read_bytes())
        return file

    def _list(
        self, file: LocatedYaml | None, key: str, model: type[M], beside: frozenset[str] = frozenset()
    ) -> list[tuple[LocatedYaml, M]]:
        found: list[tuple[LocatedYaml, M]] = []
        if file is None:
            return found
        try:
            items = model_items(file, key, beside=beside)
        except RulebookErrors as refused:
            self._errors.extend(refused.errors)
            return found
        for item in items:
            try:
                found.append((item, to_model(item, model)))
            except RulebookErrors as refused:
                self._errors.extend(refused.errors)
        return found

    def _check_set_names(self, notices: tuple[tuple[LocatedYaml, NoticeDefinition], ...], names: set[str]) -> None:
        for located, notice in notices:
            for position, name in enumerate(notice.uses):
                if name not in names:
                    expected = "one of " + ", ".join(sorted(names))
                    self._errors.append(located.error(("uses", position), f"no set is named {name}", expected))

    def _stop_at_errors(self) -> None:
        if self._errors:
            raise RulebookErrors(tuple(dict.fromkeys(self._errors)))


def _build_rule(
    notice: NoticeDefinition,
    lob: Lob,
    law: LineOfBusinessLaw | None,
    shared: Mapping[str, ElementSet],
    taglines: tuple[Tagline, ...],
    version: str,
) -> NoticeRule | str:
    """The notice's rule under the law of one line of business, or in words what is missing for it."""
    if law is None:
        return f"the rulebook has no law for it; rulebook/notices/law/{lob}.yaml is missing"
    elements: list[NoticeElement] = []
    for name in notice.uses:
        element_set = law.sets.get(name) or shared.get(name)
        if element_set is None:
            return f"rulebook/notices/law/{lob}.yaml has no set {name}"
        elements.extend(element_set.elements)
    special = notice.by_lob.get(lob, LineOfBusinessTerms())
    return NoticeRule(
        kind=notice.kind,
        audience=notice.audience,
        lob=lob,
        need=special.need or notice.need,
        title=notice.title,
        partial_title=notice.partial_title,
        care_given_title=notice.care_given_title,
        care_given_partial_title=notice.care_given_partial_title,
        appeal_title=notice.appeal_title,
        appeal_partial_title=notice.appeal_partial_title,
        form=special.form,
        elements=(*notice.elements, *elements),
        consequences=special.consequences,
        never_for=special.never_for,
        never_when=special.never_when,
        never_citation=special.never_citation,
        advance_days=special.advance_days,
        advance_citation=special.advance_citation,
        taglines=taglines if any(element.key == "taglines" for element in elements) else (),
        version=version,
    )


def _unreachable_elements(rule: NoticeRule) -> Iterator[str]:
    """The keys of elements that no letter can have, because an earlier one of the same key always applies."""
    settled: set[str] = set()
    for element in rule.elements:
        if element.key in settled:
            yield element.key
        if element.when is ElementCondition.ALWAYS:
            settled.add(element.key)
