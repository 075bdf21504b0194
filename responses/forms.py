"""The form of the page "Log a reply": everything that came, what it means, and the answers question by question."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.forms import DayField, StaffForm
from campaigns.models import Event
from companies.languages import LanguageField

from .entry import Answered, Outcome
from .models import Coded, Response
from .uploads import FilesField

BADGES = {  # the shape and colour that readers see for each outcome
    Outcome.RESPONDED: "responded",
    Outcome.PARTIAL: "partial",
    Outcome.DECLINED: "declined",
    Outcome.DECLINED_WITH_STATEMENT: "declined",
    Outcome.NOT_CONCERNED: "declined",
    Outcome.REFERS_TO_PUBLIC: "responded",
    Outcome.ANSWERED_BY_OTHER: "responded",
    Outcome.ACKNOWLEDGED: "awaiting",
    Outcome.MORE_TIME: "awaiting",
    Outcome.ENGAGED: "awaiting",
}


@dataclass
class Asked:
    """One line of the question tree; a heading has no fields."""

    question: object
    depth: int
    text: forms.BoundField | None = None
    code: forms.BoundField | None = None


class LogForm(StaffForm):
    """For one approach. `note` is added to the private note; `remark` replaces the public one."""

    text = forms.CharField(
        label=_("Text of the reply, in full"),
        help_text=_("Paste it as it came, with greeting and signature. It stays private until somebody publishes it."),
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
        required=False,
    )
    documents = FilesField(label=_("Files"), help_text=_("PDF, DOCX, TXT or EML, up to 20 MB each."), required=False)
    checked = forms.BooleanField(
        label=_("I have read these files: they may be published with the response"), required=False
    )
    day = DayField(label=_("Received"), error_messages={"required": _("Enter the date the reply was received")})
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", _("Not recorded")), *Event.Channel.choices], required=False
    )
    language = LanguageField(label=_("Language"), required=False)
    author = forms.CharField(
        label=_("Signed by"), help_text=_("If not the company itself. Public."), max_length=300, required=False
    )
    link = forms.URLField(
        label=_("Link"),
        help_text=_("Where it is published, or what it points to."),
        max_length=500,
        required=False,
        assume_scheme="https",
    )
    outcome = forms.ChoiceField(
        label=_("What it means"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the reply means")},
    )
    answered_by = forms.CharField(label=_("Answered by"), max_length=200, required=False)
    more_time = DayField(label=_("Time until"), required=False, help_text=_("Like 2022-08-20."))
    further = forms.BooleanField(label=_("This is another reply: keep both"), required=False)
    note = forms.CharField(
        label=_("Add to the private note"),
        help_text=_("Only the team can read this."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        required=False,
    )
    remark = forms.CharField(
        label=_("Public remark"),
        help_text=_("Everybody can read this, beside the company's name."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        required=False,
    )
    covers = forms.ModelMultipleChoiceField(
        label=_("Also answers for"),
        help_text=_("Their status stays as it is."),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, approach, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.approach = approach
        if not self.is_bound:  # a form that comes back has its focus on what is wrong
            self.fields["text"].widget.attrs["autofocus"] = True
        others = approach.campaign.approaches.exclude(pk=approach.pk).order_by("listed_as")
        self.fields["covers"].queryset = others
        self.fields["covers"].label_from_instance = lambda other: other.listed_as
        self.earlier = list(approach.responses.filter(kind=Response.Kind.REPLY).order_by("-position")[:3])
        self.asked = self._add_questions()

    def _add_questions(self):
        """Add two fields for each question that can be answered; return (question, depth, is a heading) in order.

        A question with others under it is a heading, as on the public pages.
        """
        questions = list(self.approach.campaign.questions.current())
        headings = {question.parent_id for question in questions}
        depth, lines = {}, []
        for question in questions:
            depth[question.pk] = depth.get(question.parent_id, -1) + 1
            lines.append((question, depth[question.pk], question.pk in headings))
            if question.pk not in headings:
                self._add_question(question)
        return lines

    def _add_question(self, question):
        answer = {"rows": 2, "dir": "auto", "class": "form-control", "aria-describedby": f"q{question.pk}"}
        self.fields[f"answer_{question.pk}"] = forms.CharField(
            label=gettext("Answer to %(number)s") % {"number": question.number},
            widget=forms.Textarea(attrs=answer),
            required=False,
        )
        self.fields[f"code_{question.pk}"] = forms.ChoiceField(
            label=gettext("Code of %(number)s") % {"number": question.number},
            choices=[("", _("Code later")), *Coded.choices],
            widget=forms.Select(attrs={"class": "form-select"}),
            required=False,
        )

    @property
    def tree(self):
        return [
            Asked(question, depth)
            if heading
            else Asked(question, depth, self[f"answer_{question.pk}"], self[f"code_{question.pk}"])
            for question, depth, heading in self.asked
        ]

    @property
    def outcomes(self):
        """The radio buttons, each with the shape that readers will see."""
        return [(BADGES[Outcome(one.data["value"])], one) for one in self["outcome"]]

    @property
    def shown_remark(self):
        """The public remark as this page shows it; it comes back with the form, to tell what somebody else changed."""
        return self.data.get("initial-remark", self.approach.remark) if self.is_bound else self.approach.remark

    @property
    def files_again(self):
        """The names of files that were sent with a form that was refused: a browser does not keep them."""
        files = self.files.getlist("documents") if self.errors and self.files else []
        return [file.name for file in files]

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n").strip()

    def clean_remark(self):
        """Somebody may have changed it meanwhile: then both are shown, and saving again decides."""
        mine, stored = self.cleaned_data["remark"].replace("\r\n", "\n"), self.approach.remark
        shown = self.data.get("initial-remark", stored).replace("\r\n", "\n")
        if shown != stored.replace("\r\n", "\n") and mine not in (shown, stored):
            self.data = self.data.copy()
            self.data["initial-remark"] = stored
            raise forms.ValidationError(
                _("Somebody changed this meanwhile to: “%(stored)s”. Save again to replace it."),
                code="conflict",
                params={"stored": stored},
            )
        return stored if mine == shown else mine

    def answers(self):
        """Return Answered for every question that has a text or a code."""
        found = []
        for question, _depth, _heading in self.asked:
            text = self.cleaned_data.get(f"answer_{question.pk}", "").replace("\r\n", "\n").strip()
            code = self.cleaned_data.get(f"code_{question.pk}", "")
            if text or code:
                found.append(Answered(question, text, code))
        return found
