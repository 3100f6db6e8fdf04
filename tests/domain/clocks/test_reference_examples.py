"""The worked examples of the clock reference, where it lies beside the repository: every expected key of each is checked."""

from __future__ import annotations

import pytest

from rulebook.aid_continuing import load_continuation_rules
from rulebook.clock_examples import ExampleOutcome, load_examples, run_example
from rulebook.example_reading import Example
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED
from tests.paths import SHARED

REFERENCE = SHARED / "reference" / "clock_examples.yaml"
EXAMPLES: tuple[Example, ...] = load_examples(REFERENCE) if REFERENCE.exists() else ()
CONTINUATION = load_continuation_rules()

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the clock reference is not beside the repository")


def test_every_example_is_about_a_shipped_rule():
    assert len(EXAMPLES) >= 66
    assert {example.rule_id for example in EXAMPLES} <= {rule.rule_id for rule in SHIPPED}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.id}-{example.rule_id}")
def test_the_reference_example_comes_out_to_the_second(example: Example):
    result = run_example(example, SHIPPED, FEDERAL, CONTINUATION)
    assert result.result is ExampleOutcome.PASS, result.why
    assert set(result.got) == set(example.expect)
