"""One mail: what it says, where it stands, and what a person can still do about it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock
from correspondence import batches, claims, unknown
from correspondence.models import State
from correspondence.wording import Blocked

from . import access
from .forms import ResendForm, SettleForm
from .showing import show

STOPPABLE = (State.PROPOSED, State.QUEUED)
SETTLED_BY_A_PERSON = (State.UNKNOWN, State.FAILED)


@require_safe
def message(request, pk):
    """Show one mail whole, whatever its state."""
    mail = access.message(request.user, pk)
    return _page(request, mail, _form(mail)())


def _form(mail):
    return SettleForm if mail.state == State.UNKNOWN else ResendForm


def _page(request, mail, form):
    user = request.user
    context = {
        "mail": mail, "campaign": mail.approach.campaign, "shown": show(mail), "form": form,
        "recipients": mail.recipients.select_related("contact"),
        "can_stop": mail.state in STOPPABLE and user.has_perm(access.PREPARE),
        "can_settle": mail.state in SETTLED_BY_A_PERSON and user.has_perm(access.SEND),
        "in_doubt": mail.state == State.UNKNOWN,
        "put_off": mail.state == State.QUEUED and mail.attempts > 0 and mail.not_before > clock.now(),
        "can_send": user.has_perm(access.SEND),
    }  # fmt: skip
    return access.page(request, "message", mail.approach.listed_as, **context)


@require_POST
def stop(request, pk):
    """Stop one mail that is proposed or queued."""
    mail = access.message(request.user, pk)
    access.needs(request.user, access.PREPARE)
    take_out(request, mail)
    return redirect("mail_message", mail.pk)


def take_out(request, mail):
    """Stop one mail, or say why that is too late."""
    reason = _("Stopped by %(person)s.") % {"person": request.user}
    if batches.stop(mail, by=request.user, now=clock.now(), reason=reason):
        messages.success(request, _("The mail to %(company)s is stopped.") % {"company": mail.approach.listed_as})
        access.log(request.user, mail.approach, _("Stopped a mail: %(kind)s") % {"kind": mail.get_kind_display()})
    else:
        mail.refresh_from_db()
        gone = {"state": mail.get_state_display()}
        messages.error(request, _("This mail does not wait any more: %(state)s.") % gone)


@require_POST
def try_now(request, pk):
    """Let a mail that the server has put off be tried at once."""
    mail = access.message(request.user, pk)
    access.needs(request.user, access.SEND)
    if claims.hurry(mail, clock.now()):
        messages.success(request, _("The worker tries this mail within a minute."))
        said = _("Had a mail tried at once: %(kind)s") % {"kind": mail.get_kind_display()}
        access.log(request.user, mail.approach, said)
    else:
        messages.error(request, _("This mail does not wait to be tried again."))
    return redirect("mail_message", mail.pk)


@require_POST
def settle(request, pk):
    """A person settles a mail in doubt, with a reason: it arrived; or it is sent again.

    One that may have been sent keeps its bytes and is queued; one that failed is merged anew and waits for approval.
    """
    mail, now = access.message(request.user, pk), clock.now()
    access.needs(request.user, access.SEND)
    arrived = request.POST.get("do") == "arrived"
    form = _form(mail)(request.POST)
    if mail.state not in SETTLED_BY_A_PERSON or (arrived and mail.state == State.FAILED):
        messages.error(request, _("This was settled meanwhile."))
        return redirect("mail_message", mail.pk)
    if not form.is_valid():
        return _page(request, mail, form)
    reason = form.cleaned_data["reason"]
    try:
        if mail.state == State.UNKNOWN:
            unknown.settle_unknown(mail, arrived, by=request.user, now=now, reason=reason)
        else:
            mail = batches.resend(mail, reason, by=request.user, now=now)
    except (ValueError, Blocked) as fault:
        messages.error(request, str(fault))
        return redirect("mail_message", mail.pk)
    said = _("Mail to %(company)s: %(state)s.") % {
        "company": mail.approach.listed_as,
        "state": mail.get_state_display(),
    }
    access.log(request.user, mail.approach, f"{said} {reason}")
    messages.success(request, said)
    return redirect("mail_message", mail.pk)
