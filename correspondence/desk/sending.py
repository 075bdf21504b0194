"""Look through the mails of one kind, merge, tick, test, approve."""

import json
import uuid
from urllib.parse import urlencode
from zlib import crc32

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import clock
from correspondence import batches, preflight
from correspondence.models import WORDED, Batch, Message, WordingKind
from correspondence.templatetags.outgoing import clock_time
from correspondence.wording import Blocked

from . import access, hours, mails, preparing
from .forms import LeaveForm
from .sheet import READY, WARNING, Sheet
from .showing import show

PER_PAGE = 100


def send(request, pk, kind):
    """One page with every mail of one kind: GET shows, POST merges, ticks, tests or approves."""
    campaign = access.campaign(request.user, pk)
    if kind not in WORDED:
        raise Http404
    desk = Desk(request, campaign, WordingKind(kind))
    return desk.post() if request.method == "POST" else desk.show()


class Desk:
    """One request to the page.

    kept  what the session keeps for it: `on` and `off`, the ticks that differ from what is proposed; `todo`, the ids
          that a merge in parts has still to deal with, of how many (`of`), of which so many were `refused`; whether
          `again`; `hours`, whether each mail waits for its company's working hours
    of    the approval whose companies the page is about (?of=), where it is not about all
    """

    def __init__(self, request, campaign, kind):
        self.request, self.campaign, self.kind, self.now = request, campaign, kind, clock.now()
        self.of = _of(campaign, request.GET.get("of", ""))
        self.key = f"send:{campaign.pk}:{kind}{f':{self.of.pk}' if self.of else ''}"
        self.kept = request.session.get(self.key, {})

    def sheet(self):
        only = batches.reached(self.of) if self.of else None
        return Sheet(self.campaign, self.kind, now=self.now, ticks=self.kept, only=only)

    def shut(self):
        """Return the Obstacles that keep invitations from being approved."""
        return preflight.shut(self.campaign, self.now) if self.kind == WordingKind.INVITATION else []

    @property
    def in_hours(self):
        """Say whether each mail waits for its company's working hours: reminders do, unless a person says otherwise."""
        hours = self.kept.get("hours")
        return self.kind in batches.REMINDERS if hours is None else hours

    def keep(self, **values):
        self.kept = self.request.session[self.key] = {**self.kept, **values}

    def again(self, **query):
        """Return the way back to the page."""
        here = reverse("mail_send", args=[self.campaign.pk, self.kind])
        query["of"] = self.of and self.of.pk
        query = urlencode({name: value for name, value in query.items() if value})
        return redirect(f"{here}?{query}" if query else here)

    def post(self):
        access.needs(self.request.user, access.PREPARE)
        post, do = self.request.POST, self.request.POST.get("do", "")
        if do.startswith("approve"):
            return self.approve(do)
        if post.getlist("listed"):
            self.keep_ticks(self.sheet())
        if do in ("prepare", "again", "continue"):
            return self.prepare(do)
        if do == "test":
            self.test(post.get("mail", ""))
        if do == "stop":
            mails.take_out(self.request, self.mail(post.get("mail", "")))
        return self.again(mail=post.get("show") or post.get("mail"), page=post.get("page"))

    def keep_ticks(self, sheet):
        """Remember what was ticked otherwise than proposed, in the rows that the form showed.

        What was ticked as ready and has a warning since was never ticked with it in view: it is not remembered.
        """
        post = self.request.POST
        listed, warned, ticked = (set(post.getlist(name)) for name in ("listed", "warned", "tick"))
        states = {row.message: row.state for row in sheet.mails}
        mine = {message for message in listed if states.get(message) in (READY, WARNING)}
        on, off = mine & warned & ticked, mine - warned - ticked
        kept = {"on": sheet.ticks["on"] - listed | on, "off": sheet.ticks["off"] - listed | off}
        hours = "hours" in post if post.get("may_wait") else None
        self.keep(**{name: sorted(ids & set(states)) for name, ids in kept.items()}, hours=hours)

    def prepare(self, do):
        """Merge what is not merged yet, or (`again`) what is; in parts, each of a few seconds."""
        if do != "continue":
            self.keep(refused=0, again=do == "again")
            sheet = self.sheet()
            merged = [row.approach for row in sheet.mails if row.state in (READY, WARNING)]
            todo = list(dict.fromkeys(merged)) if do == "again" else sheet.unmerged
            self.keep(todo=todo, of=len(todo))
        todo, again = self.kept.get("todo", []), self.kept.get("again", False)
        done, refused = preparing.merge(self.campaign, self.kind, todo, now=self.now, again=again)
        blocked = self.kept.get("refused", 0) + refused
        self.keep(todo=todo[done:], refused=blocked)
        if done < len(todo):
            return self.again(preparing="1")
        self.merged(self.kept.get("of", 0) - blocked, blocked)
        return self.again()

    def merged(self, count, blocked):
        """Say what a merge has done."""
        if count:
            text = ngettext("%(count)d mail is merged.", "%(count)d mails are merged.", count)
            messages.success(self.request, text % {"count": count})
        if blocked:
            text = ngettext("%(count)d cannot be merged: see why.", "%(count)d cannot be merged: see why.", blocked)
            messages.warning(self.request, text % {"count": blocked})

    def mail(self, key):
        """Return the mail of this page that a form names, or 404."""
        rows = Message.objects.filter(approach__campaign=self.campaign, kind=self.kind)
        return get_object_or_404(rows.select_related("approach__company", "approach__campaign"), pk=_uuid(key))

    def test(self, key):
        """Send the mail that is shown to the person who looks at it."""
        mail = self.mail(key)
        try:
            test = batches.send_test(mail.approach, self.kind, self.request.user, now=self.now)
        except Blocked as fault:
            messages.error(self.request, str(fault))
            return
        access.log(self.request.user, self.campaign, _("Sent a test to oneself: %(kind)s") % {"kind": self.kind.label})
        said = _("A test is on its way to %(address)s. Its private link leads nowhere.")
        messages.success(self.request, said % {"address": test.recipients.first().address})

    def approve(self, do):
        """Approve exactly the set whose hash the form carries; the form's key makes a second click the same act."""
        user, post = self.request.user, self.request.POST
        access.needs(user, access.SEND)
        if done := self.approved():
            return done
        if self.shut():
            messages.error(self.request, _("Nothing was approved: something has to be mended first."))
            return self.again()
        form = LeaveForm(post, campaign=self.campaign, now=self.now) if do == "approve-later" else None
        self.keep_ticks(self.sheet())
        if form and not form.is_valid():
            return self.show(form)
        sheet = self.sheet()
        if sheet.hash() != post.get("shown") or not post.get("key"):
            return self.approved() or self.changed(sheet)
        when = {"not_before": form.cleaned_data["not_before"]} if form else {}
        if do == "approve-now":
            when = {"hold": batches.UNDO_WINDOW * 0}
        ticked = [row.message for row in sheet.ticked]
        try:
            batch = batches.approve(
                self.campaign, ticked, sheet.hash(), by=user, key=post["key"][:100], now=self.now,
                in_hours=self.in_hours, **when,
            )  # fmt: skip
        except batches.SetChanged as fault:
            messages.error(self.request, str(fault))
            return self.again()
        text = ngettext("%(count)d mail is approved: %(kind)s.", "%(count)d mails are approved: %(kind)s.", len(ticked))
        said = text % {"count": len(ticked), "kind": self.kind.label}
        access.log(user, self.campaign, said)
        messages.success(self.request, said)
        self.keep(hours=None)
        return redirect("mail_batch", batch.pk)

    def approved(self):
        """Return the way to the page of what this very form has approved before, or None."""
        key = self.request.POST.get("key", "")[:100]
        batch = Batch.objects.filter(campaign=self.campaign, idempotency_key=key).first()
        return redirect("mail_batch", batch.pk) if batch else None

    def changed(self, sheet):
        """Nothing was approved: say what is different from what was shown, and show it again."""
        post, count = self.request.POST, len(sheet.ticked)
        since = _instant(post.get("seen", "")) or self.now
        others = Batch.objects.filter(campaign=self.campaign, messages__kind=self.kind, approved_at__gte=since)
        if other := others.select_related("approved_by").first():
            said = {"person": other.approved_by, "time": clock_time(other.approved_at, self.campaign.time_zone)}
            text = _("Already approved by %(person)s at %(time)s.") % said
        elif any(not row.fits and row.message in post.getlist("tick") for row in sheet.mails):
            text = _("What some of these mails are made of was edited meanwhile. Merge them again.")
        elif post.get("ticks") != self.ticks():
            text = _("You have changed the ticks, so the number is another one.")
        else:
            text = _("Some of these mails were merged again, stopped or put on hold after they were shown.")
        now = ngettext(
            "Nothing was approved. %(count)d mail is ticked now.",
            "Nothing was approved. %(count)d mails are ticked now.",
            count,
        )
        messages.error(self.request, f"{text} {now % {'count': count}}")
        return self.again(page=post.get("here"))

    def ticks(self):
        """Return what stands for the ticks that a form is shown with."""
        return str(crc32(json.dumps([self.kept.get("on", []), self.kept.get("off", [])]).encode()))

    def show(self, form=None):
        """Show the list, one mail whole, and the buttons."""
        sheet, get = self.sheet(), self.request.GET
        keys = [row.message for row in sheet.mails]
        pages = Paginator(sheet.rows, PER_PAGE)
        chosen = get.get("mail") or self.request.POST.get("mail")
        if chosen not in keys:
            on_page = pages.get_page(get.get("page")).object_list
            chosen = next((row.message for row in on_page if row.message), None)
        row = next((number for number, one in enumerate(sheet.rows) if chosen and one.message == chosen), 0)
        place = keys.index(chosen) if chosen else 0
        mail = Message.objects.select_related("approach__campaign", "approach__company").filter(pk=chosen).first()
        user = self.request.user
        at, waits = self.now + batches.UNDO_WINDOW, self.in_hours
        quiet = hours.quiet([one.approach for one in sheet.mails], at, waits=waits)
        for one in sheet.mails:
            one.hint = quiet.get(one.approach, "")
        context = {
            "shut": self.shut(), "only": self.of,
            "quiet": sum(bool(one.hint) for one in sheet.ticked), "in_hours": waits,
            "campaign": self.campaign, "kind": self.kind, "sheet": sheet, "numbers": dict(sheet.counts),
            "rows": pages.get_page(get.get("page") or row // PER_PAGE + 1),
            "mail": mail, "shown": show(mail) if mail else None, "row": sheet.rows[row] if mail else None,
            "place": place + 1, "total": len(keys),
            "previous": keys[place - 1] if place else None, "next": (keys[place + 1 :] or [None])[0],
            "count": len(sheet.ticked), "set_hash": sheet.hash(), "ticks": self.ticks(),
            "key": uuid.uuid4(), "seen": self.now.isoformat(),
            "form": form or LeaveForm(campaign=self.campaign, now=self.now),
            "can_approve": user.has_perm(access.SEND), "can_prepare": user.has_perm(access.PREPARE),
            "left": len(self.kept.get("todo", [])), "of": self.kept.get("of", 0),
        }  # fmt: skip
        context["dealt"] = context["of"] - context["left"]
        return access.page(self.request, "send", self.kind.label, **context)


def _of(campaign, text):
    """Return the campaign's approval that an address names, None where it names none, or 404."""
    return get_object_or_404(campaign.batches, pk=_uuid(text)) if text else None


def _uuid(text):
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _instant(text):
    try:
        return parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
