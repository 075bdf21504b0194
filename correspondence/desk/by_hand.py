"""Logging a call, a letter, a web form or a meeting with a company; and its document, for those who may see it."""

import base64
import binascii
import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import clock, days, planning
from campaigns.forms import DayField, StaffForm
from campaigns.models import Event
from campaigns.status import IllegalMove, Reach
from campaigns.templatetags.frame import partial_date
from correspondence import attachments, by_hand
from correspondence.models import ByHand

from . import access

LOG = (access.PLAN, "correspondence.add_byhand")
SEE = "correspondence.view_byhand"


class ByHandForm(StaffForm):
    """One contact with one company. What was typed and chosen survives a fault, the document too: see `kept`."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label=gettext_lazy("Who began"), choices=ByHand.Way, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who began")},
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=[("", gettext_lazy("Choose")), *Event.Channel.choices],
        error_messages={"required": gettext_lazy("Choose how you were in contact")},
    )  # fmt: skip
    day = DayField(label=gettext_lazy("Day"), error_messages={"required": gettext_lazy("Enter the day of the contact")})
    contact = forms.ModelChoiceField(
        label=gettext_lazy("With whom"), queryset=None, required=False, empty_label=gettext_lazy("Nobody on the list"),
        help_text=gettext_lazy("Only the team can read this."),
    )  # fmt: skip
    result = forms.ChoiceField(
        label=gettext_lazy("What became of it"),
        help_text=gettext_lazy("Where we began. Readers see the day, the channel and this."),
        choices=by_hand.RESULTS.items(),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what became of it")},
    )
    invitation = forms.BooleanField(label=gettext_lazy("This counts as the invitation"), required=False)
    stands = forms.ChoiceField(
        label=gettext_lazy("What the company said"), widget=forms.RadioSelect, required=False,
        help_text=gettext_lazy("Everybody can read it. An answer in writing is logged as a reply."),
    )  # fmt: skip
    promised = DayField(
        label=gettext_lazy("It will answer by"),
        required=False,
        help_text=gettext_lazy("If it said so. The next reminder waits for this day."),
    )
    note = forms.CharField(
        label=gettext_lazy("What was said"),
        help_text=gettext_lazy("Only the team can read this."),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        required=False,
    )
    document = forms.FileField(
        label=gettext_lazy("Document"),
        help_text=gettext_lazy("One file, such as the letter: PDF, DOCX, ODT, PNG, JPEG or TXT, up to 5 MB. Private."),
        required=False,
    )
    kept_name = forms.CharField(widget=forms.HiddenInput, required=False)
    kept = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, approach, today, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["result"].required = self.data.get("way") != ByHand.Way.IN
        people = approach.company.contacts.filter(erased_at=None).order_by("name", "pk")
        self.fields["contact"].queryset = people
        self.fields["contact"].label_from_instance = lambda one: ", ".join(filter(None, (str(one), one.role)))
        stands = [(one.value, one.label) for one in by_hand.may_stand(approach)]
        self.fields["stands"].choices = [("", _("Nothing that changes where it stands")), *stands]
        if not stands:
            del self.fields["stands"]
        if approach.reach == Reach.INVITED:
            del self.fields["invitation"]
            if not planning.awaited(approach):
                del self.fields["promised"]

    def clean_day(self):
        day = self.cleaned_data["day"]
        if days.first(day) > self.today:
            raise ValidationError(_("The day cannot be in the future"))
        return day._replace(on=min(day.on, self.today))

    def clean_document(self):
        file = self.cleaned_data["document"]
        return read_document(file.name, file.read(by_hand.LARGEST + 1)) if file else None

    def clean_kept(self):
        """The document that came with an earlier, faulty try; believed as little as any upload."""
        try:
            content = base64.b64decode(self.cleaned_data["kept"], validate=True)
        except binascii.Error:
            return None
        return read_document(self.data.get("kept_name", ""), content) if content else None

    def clean(self):
        cleaned = super().clean()
        document = cleaned["document"] = cleaned.get("document") or cleaned.pop("kept", None)
        ours, reached = cleaned.get("way") == ByHand.Way.OUT, cleaned.get("result") == Event.Result.ACCEPTED
        if ours and cleaned.get("result") and not reached and (cleaned.get("stands") or cleaned.get("promised")):
            self.add_error("result", _("A company that was not reached has said nothing"))
        if cleaned.get("invitation") and not (ours and reached):
            self.add_error("invitation", _("An invitation is ours, and has reached the company"))
        if self.errors and document:
            self.keep(document)
        return cleaned

    def keep(self, document):
        """Let the page bring the document along to the next try: a browser forgets what was chosen."""
        self.data = self.data.copy()
        self.data["kept_name"], self.data["kept"] = document.name, base64.b64encode(document.content).decode()


def read_document(name, content):
    """Return a Document; ValidationError with a sentence. What a file says of itself is not believed."""
    name = attachments.safe_name(name)
    media_type, begins = attachments.KINDS.get(name.rpartition(".")[2].lower(), ("", b""))
    if not content:
        raise ValidationError(_("%(name)s: the file is empty") % {"name": name})
    if len(content) > by_hand.LARGEST:
        said = {"name": name, "size": filesizeformat(by_hand.LARGEST)}
        raise ValidationError(_("%(name)s is too large. A document can be up to %(size)s") % said)
    if not media_type or not content.startswith(begins) or (media_type == "text/plain" and b"\0" in content):
        raise ValidationError(_("%(name)s cannot be kept here. Use PDF, DOCX, ODT, PNG, JPEG or TXT") % {"name": name})
    return by_hand.Document(name, media_type, content)


@require_http_methods(["GET", "HEAD", "POST"])
def log(request, pk):
    """Log one contact with a company."""
    access.needs(request.user, *LOG)
    approach, now = access.approach(request.user, pk), clock.now()
    today = days.today(now, approach.campaign.time_zone)
    if request.method == "POST":
        form = ByHandForm(approach, today, request.POST, request.FILES)
        if form.is_valid() and (done := _logged(request, form, approach, now)):
            return done
    else:
        initial = {"key": uuid.uuid4(), "day": today.isoformat(), "way": ByHand.Way.OUT}
        form = ByHandForm(approach, today, initial=initial)
    title = _("Log a call, a letter, a meeting")
    return access.page(
        request, "by_hand", title, approach=approach, campaign=approach.campaign, form=form,
        kept=form.data.get("kept_name") if form.errors and form.data.get("kept") else "",
    )  # fmt: skip


def _logged(request, form, approach, now):
    """Log it and return where to go on; None where the facts did not bear it, and the form now says why."""
    data = {name: value for name, value in form.cleaned_data.items() if name not in ("kept", "kept_name")}
    day, channel = data["day"], Event.Channel(data["channel"])
    try:
        message = by_hand.log(approach, **data, by=request.user, now=now)
    except IllegalMove as error:
        form.add_error(None, str(error))
        if data["document"]:
            form.keep(data["document"])
        return None
    if message:
        known = {"channel": channel.label, "day": partial_date(day.stated), "company": approach.listed_as}
        access.log(request.user, approach, _("Logged a contact by hand: %(channel)s, %(day)s") % known)
        messages.success(request, _("%(company)s: %(channel)s, %(day)s. It stands in the thread.") % known)
    return redirect("mail_company", approach.pk)


@require_safe
def document(request, pk, key):
    """Give back the document of a logged contact as a download, to those who may see the approach."""
    access.needs(request.user, SEE)
    approach = access.approach(request.user, pk)
    hand = ByHand.objects.filter(message__approach=approach, message=key).first()
    if hand is None or not hand.content:
        raise Http404
    answer = HttpResponse(bytes(hand.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, hand.file_name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
