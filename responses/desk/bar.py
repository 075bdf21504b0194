"""The bar above the list: one act on the ticked companies, each an act of its own; what was refused is named."""

from collections import Counter
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from campaigns import clock, days
from campaigns.admin import moves
from campaigns.forms import DayField, StaffForm
from campaigns.models import Approach
from campaigns.roles import team
from campaigns.status import IllegalMove
from correspondence import reminders, reminding
from correspondence.desk import access
from correspondence.letters import Letters
from correspondence.models import WordingKind
from correspondence.wording import Blocked

from .conditions import conditions
from .sifting import Sift

NAMED = 10  # companies that are named one by one after an act on many
LETTERS = 100  # companies that one letter is written to at once: they stand in an address
REMINDERS = 200  # that are merged in one request


def assigned(approach, data, *, by, now):
    return moves.assigned(approach, data, by=by, now=now)


def given_time(approach, data, *, by, now):
    return moves.given_time(approach, {**data, "day": data["until"]}, by=by, now=now)


def skipped(approach, data, *, by, now):
    if not approach.remind_at:
        raise IllegalMove(_("%(company)s: nothing is planned that could be skipped.") % {"company": approach.listed_as})
    reminders.skip(approach, by=by, now=now, reason=data["reason"])
    return _("%(company)s: the next step is skipped.") % {"company": approach.listed_as}


def unreached(approach, data, *, by, now):
    today = days.exactly(days.today(now, approach.campaign.time_zone))
    return moves.unreached(approach, {**data, "day": today}, by=by, now=now)


class BarForm(StaffForm):
    """The act and what it needs; the fields of other acts are not looked at."""

    do = forms.ChoiceField(
        label=gettext_lazy("Action"),
        choices=[
            ("", gettext_lazy("Choose an action")),
            ("remind", gettext_lazy("Remind now")),
            ("write", gettext_lazy("Write to them")),
            ("time", gettext_lazy("Give more time")),
            ("skip", gettext_lazy("Skip the next step")),
            ("hold", gettext_lazy("Put on hold")),
            ("release", gettext_lazy("Release from hold")),
            ("assign", gettext_lazy("Change the owner")),
            ("unreached", gettext_lazy("Mark as could not be reached")),
        ],
        error_messages={"required": gettext_lazy("Choose an action")},
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=team(), required=False, empty_label=gettext_lazy("Nobody")
    )
    until = DayField(label=gettext_lazy("More time until"), required=False, help_text="")
    promised = forms.BooleanField(label=gettext_lazy("The company said so"), required=False)
    reason = forms.CharField(label=gettext_lazy("Why, or the proof"), required=False, max_length=500)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, one in self.fields.items():
            choice = isinstance(one, forms.ChoiceField)
            style = "form-check-input" if name == "promised" else "form-select" if choice else "form-control"
            one.widget.attrs["class"] = style

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("do") == "time" and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", _("Enter the day until which they have time"))
        if cleaned.get("do") == "unreached" and not cleaned.get("reason"):
            self.add_error("reason", _("Enter how you know that they could not be reached"))
        return cleaned


VERBS = {  # what is done to each company, with its own lock and line in the log
    "time": given_time,
    "skip": skipped,
    "hold": moves.held,
    "release": moves.resumed,
    "assign": assigned,
    "unreached": unreached,
}


@require_POST
def act(request, pk):
    """Do the chosen act on the ticked companies, or on all that the filters show."""
    campaign = access.campaign(request.user, pk)
    access.needs(request.user, access.PLAN)
    now, kept = clock.now(), QueryDict(request.POST.get("kept", "")[:2000])
    back = f"{reverse('campaign_desk', args=[pk])}?{kept.urlencode()}#companies"
    chosen = _chosen(request, campaign, kept, now)
    form = BarForm(request.POST)
    if not chosen:
        messages.error(request, _("Nothing was done: tick the companies first."))
    elif not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, _("Nothing was done. %(why)s") % {"why": errors[0]})
    elif form.cleaned_data["do"] == "write":
        return _write(request, campaign, chosen, back)
    elif form.cleaned_data["do"] == "remind":
        return _remind(request, campaign, chosen, now, back)
    else:
        _each(request, chosen, VERBS[form.cleaned_data["do"]], form.cleaned_data, now)
    return redirect(back)


def _chosen(request, campaign, kept, now):
    """Return the approaches that are ticked, of this campaign alone, in the order of their locks."""
    rows = campaign.approaches
    if request.POST.get("every"):
        contacts = request.user.has_perm("companies.view_contact")
        rows = Sift.read(kept, campaign).apply(campaign, conditions(campaign, now), request.user, contacts)
        keys = list(rows.values_list("pk", flat=True))
    else:
        keys = [key for key in request.POST.getlist("c") if key.isdecimal() and len(key) < 19]
    return list(Approach.objects.filter(campaign=campaign, pk__in=keys).select_related("campaign").order_by("pk"))


def _each(request, chosen, verb, data, now):
    done, refused = [], []
    for approach in chosen:
        try:
            said = verb(approach, data, by=request.user, now=now)
        except IllegalMove as fault:
            refused.append(_refused(approach, fault))
        except ValidationError as fault:
            refused.append(_refused(approach, " ".join(fault.messages)))
        else:
            done.append(said)
            access.log(request.user, approach, said)
    _tell(request, messages.SUCCESS, done)
    _tell(request, messages.ERROR, refused)


def _refused(approach, fault):
    """Return the sentence, with the company's name in front where it does not name it."""
    text = str(fault)
    return text if approach.listed_as in text else f"{approach.listed_as}: {text}"


def _remind(request, campaign, chosen, now, back):
    """Propose the next reminder of each, and lead to the page where they are looked through and approved."""
    access.needs(request.user, access.PREPARE)
    if len(chosen) > REMINDERS:
        text = _("Nothing was done: %(most)d reminders are merged at once at the most. Filter the list first.")
        messages.error(request, text % {"most": REMINDERS})
        return redirect(back)
    kinds, refused, letters = Counter(), [], Letters(campaign)
    for approach in chosen:
        try:
            mail = reminding.propose_next(approach, by=request.user, now=now, letters=letters)
        except (IllegalMove, Blocked) as fault:
            refused.append(_refused(approach, fault))
        else:
            kinds[mail.kind] += 1
            access.log(request.user, approach, _("Proposed the next reminder at once"))
    _tell(request, messages.ERROR, refused)
    if not kinds:
        return redirect(back)
    for kind, number in kinds.most_common():
        text = ngettext(
            "%(kind)s: %(number)d mail is merged and waits for your approval. Nothing has left.",
            "%(kind)s: %(number)d mails are merged and wait for your approval. Nothing has left.",
            number,
        )
        messages.success(request, text % {"kind": WordingKind(kind).label, "number": number})
    return redirect("mail_send", campaign.pk, kinds.most_common(1)[0][0])


def _write(request, campaign, chosen, back):
    if len(chosen) > LETTERS:
        text = _("Nothing was done: one letter goes to %(most)d companies at the most. Filter the list first.")
        messages.error(request, text % {"most": LETTERS})
        return redirect(back)
    query = urlencode([("approach", approach.pk) for approach in chosen])
    return redirect(f"{reverse('mail_write', args=[campaign.pk])}?{query}")


def _tell(request, level, sentences):
    """Messages travel with the next page: name the first ones, count the rest."""
    for sentence in sentences[:NAMED]:
        messages.add_message(request, level, sentence)
    if (more := len(sentences) - NAMED) > 0:
        text = ngettext("And %(count)d more.", "And %(count)d more.", more)
        messages.add_message(request, level, text % {"count": more})
