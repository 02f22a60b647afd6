"""What every detector keeps, whatever it looks for. `DetectorConformance` is inherited once for each detector of the
catalogue, and fails for one whose answer depends on the batch."""

import random
from collections.abc import Sequence
from typing import Any

from detectors.protocol import Detector
from models.context import Context
from models.explanations import LANGUAGES, catalogue, explain, fact_title
from models.findings import Finding, Observation
from models.identity import canonical_json
from models.registry import Mark


def said(findings: Sequence[Sequence[Finding]]) -> bytes:
    """Findings as bytes: two answers are the same when these are."""
    return canonical_json([[finding.model_dump(mode="json") for finding in found] for found in findings])


def field_of(observation: Observation, name: str) -> str | None:
    """The text of a named field, dots leading into nested ones, or of an attribute; None where it is not text."""
    value: Any = observation.subject
    attributes = getattr(value, "attributes", {})
    if name in attributes:
        return str(attributes[name])
    for part in name.split("."):
        value = getattr(value, part, None)
    return value if isinstance(value, str) else None


class DetectorConformance:
    """Subclass it as `Test…` and give `detector`, `examples` (some that yield findings, some that do not) and
    `context`."""

    detector: Detector
    examples: Sequence[Observation]
    context: Context

    def answers(self, batch: Sequence[Observation]) -> list[list[Finding]]:
        return self.detector.detect(batch, self.context)

    def findings(self) -> list[Finding]:
        return [finding for found in self.answers(self.examples) for finding in found]

    def test_examples_show_something_and_nothing(self) -> None:
        answers = self.answers(self.examples)
        assert len(answers) == len(self.examples)
        assert any(answers)
        assert not all(answers)
        assert self.answers([]) == []

    def test_the_same_batch_gives_the_same_bytes(self) -> None:
        first = said(self.answers(self.examples))
        assert said(self.answers(self.examples)) == first
        assert said(type(self.detector)().detect(self.examples, self.context)) == first

    def test_neither_order_nor_size_of_the_batch_matters(self) -> None:
        whole = self.answers(self.examples)
        alone = [self.answers([example])[0] for example in self.examples]
        assert said(alone) == said(whole)
        dice = random.Random(20260301)
        for _ in range(3):
            order = list(range(len(self.examples)))
            dice.shuffle(order)
            shuffled = self.answers([self.examples[place] for place in order])
            assert said(shuffled) == said([whole[place] for place in order])
        repeated = self.answers([*self.examples, *self.examples])
        assert said(repeated) == said([*whole, *whole])

    def test_every_fact_is_explained_in_both_languages(self) -> None:
        for finding in self.findings():
            assert finding.fact in catalogue()
            for language in LANGUAGES:
                sentence = explain(finding, language, mark="晴川")
                assert sentence.strip()
                assert "{" not in sentence
                assert fact_title(finding.fact, language) != finding.fact

    def test_findings_are_signed_and_in_range(self) -> None:
        findings = self.findings()
        assert len({finding.finding_id for finding in findings}) == len(findings)
        marks = self.context.registry.mark_by_id
        for finding in findings:
            assert finding.detector == self.detector.name
            assert finding.version == self.detector.version != ""
            assert 0 <= finding.score <= 1
            assert finding.score == round(finding.score, 6)
            assert finding.mark_id is None or isinstance(marks[finding.mark_id], Mark)

    def test_spans_quote_the_field(self) -> None:
        for example, found in zip(self.examples, self.answers(self.examples), strict=True):
            for finding in found:
                if finding.span is not None:
                    text = field_of(example, finding.field)
                    start, end = finding.span
                    assert text is not None
                    assert 0 <= start < end <= len(text)
                    assert text[start:end] == finding.subject_value

    def test_other_kinds_of_subject_get_nothing(self) -> None:
        others = [example for example in self.examples if example.subject.key.kind not in self.detector.kinds]
        assert all(found == [] for found in self.answers(others))

    def test_officers_can_read_what_it_does(self) -> None:
        assert len((type(self.detector).__doc__ or "").strip()) > 40
        assert self.detector.name
        assert self.detector.kinds <= {"listing", "parcel"}
