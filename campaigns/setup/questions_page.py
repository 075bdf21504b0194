"""The questions of a campaign as one form: paste, correct the tree, save. Nothing is stored before the last button."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns.models.question import locked

from . import access, keeping, outline_rows
from .questionnaire import MOST_ROWS, Row, TooMany, read


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request, pk):
    """GET shows what is stored; POST does one act on the rows as they were typed, and saves on `do=save` alone."""
    campaign = access.campaign(request.user, pk, *access.QUESTIONS)
    if locked(campaign.pk):
        return _asked(request, campaign)
    if request.method != "POST":
        rows = keeping.rows_of(campaign)
        return _page(request, campaign, rows, keeping.version(rows))
    rows, version = _typed(request.POST), request.POST.get("version", "")
    outline_rows.straighten(rows)
    act, _colon, key = request.POST.get("do", "").partition(":")
    if act == "read":
        return _read(request, campaign, rows, version)
    if act == "save":
        return _save(request, campaign, rows, version)
    return _act(request, campaign, rows, version, act, key)


def _typed(data):
    """Return the Rows of a posted form. Its fields come as equally long lists, in the order in which they stand."""
    names = ("pk", "number", "text", "label", "level", "key")
    lists = [data.getlist(name)[: MOST_ROWS + 1] for name in names]
    rows = []
    for pk, number, text, label, level, key in zip(*lists, strict=False):
        row = Row(" ".join(number.split()), text.replace("\r", "").strip(), label=" ".join(label.split()), key=key)
        row.pk = int(pk) if pk.isdecimal() else None
        row.level = int(level) if level.isdecimal() and len(level) < 3 else 0
        rows.append(row)
    return rows


def _read(request, campaign, rows, version):
    """Take over a pasted text: below what is there, or instead of it."""
    text = request.POST.get("paste", "")
    try:
        reading = read(text)
    except TooMany as error:
        return _page(request, campaign, rows, version, paste=text[: 2**16], faults=[(None, "paste", str(error))])
    if not reading.rows:
        fault = (None, "paste", _("Paste the questions first: there is no text in the box."))
        return _page(request, campaign, rows, version, faults=[fault])
    kept = [] if request.POST.get("instead") else rows
    if len(kept) + len(reading.rows) > MOST_ROWS:
        fault = (None, "paste", _("A questionnaire has %(most)d rows at most.") % {"most": MOST_ROWS})
        return _page(request, campaign, rows, version, paste=text, faults=[fault])
    left_out = {"before": reading.before, "after": reading.after}
    return _page(request, campaign, kept + reading.rows, version, has_read=len(reading.rows), **left_out)


def _act(request, campaign, rows, version, act, key):
    """Indent, move, join and so on; the row that was touched gets the focus."""
    place = next((at for at, row in enumerate(rows) if row.key == key), len(rows) - 1 if key == "" else None)
    if act not in outline_rows.ACTS or place is None or (place < 0 and act != "add"):
        return _page(request, campaign, rows, version)
    try:
        focus = outline_rows.ACTS[act](rows, max(place, 0))
    except outline_rows.CannotDo as error:
        return _page(request, campaign, rows, version, faults=[(place, "text", str(error))])
    return _page(request, campaign, rows, version, focus=focus, focus_on=act)


def _save(request, campaign, rows, version):
    known = {row.pk for row in keeping.rows_of(campaign)}
    for row in rows:
        row.pk = row.pk if row.pk in known else None
        known.discard(row.pk)  # a row that comes twice is new the second time
    if faults := outline_rows.faults(rows):
        return _page(request, campaign, rows, version, faults=faults)
    try:
        added, changed, removed = keeping.save(campaign, rows, version)
    except ValidationError as error:
        return _page(request, campaign, rows, version, faults=[(None, "", error.messages[0])])
    count = outline_rows.asked(rows)
    said = ngettext("Saved %(count)d question", "Saved %(count)d questions", count) % {"count": count}
    detail = _("%(added)d new, %(changed)d changed, %(removed)d removed.")
    detail %= {"added": added, "changed": changed, "removed": removed}
    said += "." if added == len(rows) else f": {detail}"  # where all are new there is nothing to tell apart
    access.log(request.user, campaign, said)
    messages.success(request, said)
    return redirect("campaign_setup", campaign.pk)


def _page(request, campaign, rows, version, *, faults=(), focus=None, **context):
    for key, row in enumerate(rows):
        row.key = str(key)
    for place, above in outline_rows.parents(rows).items():
        rows[place].under = rows[above].number if above is not None else ""
    for place, name, sentence in faults:
        if place is not None and name:
            setattr(rows[place], f"{name}_fault", sentence)
    listed = [(f"{name}-{place}" if place is not None else name, sentence) for place, name, sentence in faults]
    focus_on = context.pop("focus_on", "")
    if focus is not None and rows:
        rows[focus].focus = focus_on if focus_on in ("indent", "outdent", "up", "down", "settle") else "text"
    context |= {"campaign": campaign, "rows": rows, "version": version, "faults": listed}
    context["asked"] = outline_rows.asked(rows)
    return access.page(request, "setup/questions", _("Questions"), empty_version=keeping.version([]), **context)


def _asked(request, campaign):
    """What was asked stays; labels can still change, and a correction is a question that replaces another."""
    rows = keeping.rows_of(campaign)
    if request.method == "POST" and request.POST.get("do") == "labels":
        labels = {row.pk: " ".join(request.POST.get(f"label-{row.pk}", row.label).split()) for row in rows}
        long = [row for row in rows if len(labels[row.pk]) > outline_rows.LABEL_MOST]
        for row in rows:
            row.label = labels[row.pk]
        if not long:
            changed = keeping.save_labels(campaign, labels)
            said = ngettext("%(count)d short label changed.", "%(count)d short labels changed.", changed)
            said %= {"count": changed}
            if changed:
                access.log(request.user, campaign, said)
            messages.success(request, said)
            return redirect("campaign_questions", campaign.pk)
        text = _("The short label of %(number)s is longer than %(most)d characters.")
        faults = [(f"label-{row.pk}", text % {"number": row.number, "most": outline_rows.LABEL_MOST}) for row in long]
        return access.page(request, "setup/asked", _("Questions"), campaign=campaign, rows=rows, faults=faults)
    if request.method == "POST":
        messages.error(request, _("The questions were asked meanwhile. What was asked stays as it was asked."))
        return redirect("campaign_questions", campaign.pk)
    return access.page(request, "setup/asked", _("Questions"), campaign=campaign, rows=rows)
