"""Frames that an author fills in: a guideline, a clock and a notice, with a comment on every key that needs a choice.

A frame is readable as it stands, and `umpire rulebook check` says of each part what is still to be written.
"""

from __future__ import annotations

from collections.abc import Mapping

_GUIDELINE = """\
# A guideline: what has to be true for a service to be covered. Put this file into criteria/ and run `umpire rulebook check`.
#
# First add each new fact to criteria/facts.yaml. That file is ONE list: a new line goes under `facts:` with the others.
#   - {id: my.disease, type: bool, evidence: structured, label: "the patient has the disease", ask: "Disease diagnosed?"}
#   - {id: my.level, type: number, unit: "%", evidence: document, label: "the measured level", ask: "Level at rest"}
# label: what a member reads in a letter (for a yes-or-no fact the clause that is true). ask: what a clinic is asked.
# unit: `umpire rulebook units` lists them. A text with a comma or a colon in it stands in quotes.
# evidence, the least that an approval by rule may rest on:
#   structured  coded data: a lab value, a diagnosis of a record
#   document    a dated note or report; a statement alone is not enough
#   attest      the provider's statement is enough
#   judgment    only a clinician can answer: such a fact goes to a nurse or physician at once
guidelines:
- id: MYRULE                    # capital letters and digits; every node below begins with it
  title: The service in a few words
  version: "2027-01-01.1"
  precedence: plan              # ncd, statute, lcd or plan; the strongest that applies governs
  effective_from: 2027-01-01    # year-month-day; the first day of service
  auto_approve: false           # true: met with good evidence is approved by rule. Needs verification: full_text
  source:
    doc: The document
    cite: The document, section and page
    confidence: unsure          # confirmed, known or unsure
    verification: full_text     # full_text, indications_only, partial, from_memory or example
    gap: what national and local rules leave open   # for precedence: plan only
  # codes of the service (CPT only by a service_group of your code map), and whom the rule is for
  applies_to: {hcpcs: [A9999], lobs: [medicare_advantage], ages: [18, 120], setting: home}
  # ask_first: [{node: MYRULE-1}]   # which branch of an `any` is the likeliest, to be asked about first
  logic:
    id: MYRULE-ROOT
    text: The service is covered
    all:                        # groups: all, any, none, at_least: {n: 2, of: [...]}
    - {id: MYRULE-1, text: The disease, fact: my.disease, op: is_true}
    - {id: MYRULE-2, text: A level of 88 or less, fact: my.level, op: le, value: 88}
  tests:                        # at least one example for each outcome
  - {name: both hold, expect: met, facts: {my.disease: true, my.level: 86}}
  - {name: no disease, expect: not_met, facts: {my.disease: false, my.level: 86}}
  - {name: level not known, expect: unknown, facts: {my.disease: true}}
"""

_CLOCK = """\
# A clock: by when something is owed. Put this file into clocks/, and a worked example of it into examples/clocks.yaml:
#   - {id: MY-CLOCK-1, rule_id: MY-CLOCK, zone: America/Chicago, received: '2027-01-04T09:00:00-06:00',
#      expect: {decision_due: '2027-01-11T23:59:59-06:00'}}
# Every clock that binds a case is computed, and the earliest governs: a shorter time is added as a rule of its own.
clocks:
- rule_id: MY-CLOCK
  title: Decision on a request under this law
  applies:                      # all that is given has to hold; clocks/README.md lists the conditions
    lob: [medicare_advantage]
    review_kind: [prospective]
    urgency: standard
  effective: {first_day: 2027-01-01}
  duty: decision
  to: member
  starts: {event: request_received, note: Arrival at the plan.}
  length: {value: 7, unit: calendar_days}   # minutes, hours, calendar_days, business_days or months
  # extension: {most: {value: 14, unit: calendar_days}, reasons: [enrollee_asked]}
  # missed: {effect: deemed_adverse, note: What the law makes of a miss.}
  cites:
  - The law, section
  confidence: unsure            # confirmed: read in the source. known. unsure: then the careful reading for the member
  note: What an examiner would ask about.
"""

_NOTICE = """\
# The content of a letter to one audience. The file is notices/KIND.yaml, with all audiences of that kind in it.
# `kind` and the names in braces are those that the program knows; the shipped notices show them.
# `umpire rulebook check` writes every letter once.
notices:
- kind: withdrawn               # which letter this is; its page is templates/letters/KIND/
  audience: provider            # member, provider, facility or pcp
  title: "Request withdrawn"
  uses: [head, request]         # element sets: of the law of the line of business first, then of shared.yaml
  elements:
  - key: decision_statement
    text: what this element has to say, for people who check the letter
    words: "We closed the request for {services} for {member_name} without a decision."
    citations: ["The law, section"]
    confidence: unsure          # confirmed, known or unsure
"""

FRAMES: Mapping[str, str] = {"guideline": _GUIDELINE, "clock": _CLOCK, "notice": _NOTICE}
"""The frames by kind."""
