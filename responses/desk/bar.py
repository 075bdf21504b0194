"""The bar above the list: one act on the ticked companies, each an act of its own; what was refused is named.

Where nothing could be done, the same page comes back with everything that was ticked and typed.
"""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns import clock
from campaigns.models import Approach
from campaigns.status import IllegalMove
from correspondence import reminding
from correspondence.desk import access
from correspondence.letters import Letters
from correspondence.models import WordingKind
from correspondence.wording import Blocked

from . import dashboard
from .bar_form import VERBS, BarForm
from .conditions import conditions
from .sifting import Sift

NAMED = 10  # companies that are named one by one after an act on many
LETTERS = 100  # companies that one letter is written to at once: they stand in an address
REMINDERS = 200  # that are merged in one request


@require_http_methods(["GET", "HEAD", "POST"])
def act(request, pk):
    """Do the chosen act on the ticked companies, or on all that the filters show. Reading it leads to the desk: the
    page that came back with a fault has this address, and its links begin there.
    """
    campaign = access.campaign(request.user, pk)
    if request.method != "POST":
        return redirect(f"{reverse('campaign_desk', args=[pk])}?{request.GET.urlencode()}")
    access.needs(request.user, access.PLAN)
    now, kept = clock.now(), QueryDict(request.POST.get("kept", "")[:2000])
    chosen, form = _chosen(request, campaign, kept, now), BarForm(request.POST)
    if not chosen:
        form.add_error(None, _("Nothing was done: tick the companies first."))
    if form.is_valid():
        acts = {"write": _write, "remind": _remind}
        if after := acts.get(form.cleaned_data["do"], _each)(request, campaign, chosen, form, now):
            back = f"{reverse('campaign_desk', args=[pk])}?{kept.urlencode()}#companies"
            return redirect(back if after is True else after)
    return dashboard.shown(request, campaign, now, kept, form=form)


def _chosen(request, campaign, kept, now):
    """Return the approaches that are ticked, of this campaign alone, in the order of their locks."""
    rows = campaign.approaches
    if request.POST.get("every"):
        contacts = request.user.has_perm("companies.view_contact")
        rows = Sift.read(kept, campaign).apply(campaign, conditions(campaign, now), request.user, contacts)
        keys = list(rows.values_list("pk", flat=True))
    else:
        keys = dashboard.ticked(request.POST)
    return list(Approach.objects.filter(campaign=campaign, pk__in=keys).select_related("campaign").order_by("pk"))


def _each(request, campaign, chosen, form, now):
    """Return True where at least one was done; else the form says why none was."""
    done, refused, data = [], [], form.cleaned_data
    for approach in chosen:
        try:
            said = VERBS[data["do"]](approach, data, by=request.user, now=now)
        except IllegalMove as fault:
            refused.append(_refused(approach, fault))
        except ValidationError as fault:
            refused.append(_refused(approach, " ".join(fault.messages)))
        else:
            done.append(said)
            access.log(request.user, approach, said)
    return _told(request, form, done, refused)


def _refused(approach, fault):
    """Return the sentence, with the company's name in front where it does not name it."""
    text = str(fault)
    return text if approach.listed_as in text else f"{approach.listed_as}: {text}"


def _remind(request, campaign, chosen, form, now):
    """Propose the next reminder of each; return the page where they are looked through and approved, or None."""
    access.needs(request.user, access.PREPARE)
    if len(chosen) > REMINDERS:
        text = _("Nothing was done: %(most)d reminders are merged at once at the most. Filter the list first.")
        return form.add_error(None, text % {"most": REMINDERS})
    kinds, refused, letters = Counter(), [], Letters(campaign)
    for approach in chosen:
        try:
            mail = reminding.propose_next(approach, by=request.user, now=now, letters=letters)
        except (IllegalMove, Blocked) as fault:
            refused.append(_refused(approach, fault))
        else:
            kinds[mail.kind] += 1
            access.log(request.user, approach, _("Proposed the next reminder at once"))
    done = []
    for kind, number in kinds.most_common():
        text = ngettext(
            "%(kind)s: %(number)d mail is merged and waits for your approval. Nothing has left.",
            "%(kind)s: %(number)d mails are merged and wait for your approval. Nothing has left.",
            number,
        )
        done.append(text % {"kind": WordingKind(kind).label, "number": number})
    if _told(request, form, done, refused):
        return reverse("mail_send", args=[campaign.pk, kinds.most_common(1)[0][0]])
    return None


def _write(request, campaign, chosen, form, now):
    """Return the page where a letter to them is written."""
    if len(chosen) > LETTERS:
        text = _("Nothing was done: one letter goes to %(most)d companies at the most. Filter the list first.")
        return form.add_error(None, text % {"most": LETTERS})
    query = urlencode([("approach", approach.pk) for approach in chosen])
    return f"{reverse('mail_write', args=[campaign.pk])}?{query}"


def _told(request, form, done, refused):
    """Say what was done, and what was not; return whether anything was. Without, it stands beside the form."""
    if done:
        messages.success(request, _lines(done))
        if refused:
            messages.error(request, _lines(refused))
    else:
        for sentence in _counted(refused):
            form.add_error(None, sentence)
    return bool(done)


def _counted(sentences):
    """Return the first ones, and how many more there are."""
    more = len(sentences) - NAMED
    text = ngettext("And %(count)d more.", "And %(count)d more.", more) % {"count": more} if more > 0 else ""
    return [*sentences[:NAMED], *filter(None, [text])]


def _lines(sentences):
    return format_html_join(mark_safe("<br>"), "{}", ((sentence,) for sentence in _counted(sentences)))
