"""A campaign's questions as a tree, in reading order, with their texts in the reader's language."""

from dataclasses import dataclass, field

from .models import Question
from .texts import Text


@dataclass
class Branch:
    """One question or heading. `counts` is filled in by the pages that know the answers."""

    pk: int
    number: str
    text: Text
    label: Text
    is_heading: bool
    children: list = field(default_factory=list)
    counts: object = None

    @property
    def anchor(self):
        """The end of the address of one answer on a response's page."""
        return "q-" + "-".join(self.number.split())

    @property
    def short(self):
        """A name for table heads: the short label, else the number alone."""
        return self.label or self.text


def read(campaign):
    """Return (questions, current): the current questions in reading order, and {pk of any: pk of its current one}."""
    every = list(campaign.questions.order_by("position", "id"))
    follows = {question.replaces_id: question.pk for question in every if question.replaces_id}
    current = {}
    for question in every:
        pk = question.pk
        while pk in follows:
            pk = follows[pk]
        current[question.pk] = pk
    for question in every:
        question.parent_id = current.get(question.parent_id)  # the heading over it may have been corrected since
    return [question for question in every if question.replaced_at is None], current


def outline(questions, texts):
    """Return (roots, leaves): the tree, and those that can be answered, in reading order.

    A question that has others under it is a heading; one without a text and without others can still be answered.
    """
    branches = {question.pk: _branch(question, texts) for question in questions}
    roots = []
    for question in questions:
        if parent := branches.get(question.parent_id):
            parent.children.append(branches[question.pk])
            parent.is_heading = True
        else:
            roots.append(branches[question.pk])
    return roots, [branch for branch in branches.values() if not branch.is_heading]


def _branch(question: Question, texts):
    return Branch(
        pk=question.pk,
        number=question.number,
        text=texts.of("text", "question", question.pk, question.text),
        label=texts.of("label", "question", question.pk, question.label),
        is_heading=False,
    )
