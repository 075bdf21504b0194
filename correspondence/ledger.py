"""The ledger: every mail and every contact by hand, newest first, as far as a person may see them.

It reads a page along an index, whatever lies below it: no count, no offset. Where a search leaves few rows out of a
long history it goes from those to their mails instead, and `made` keeps the database from walking through all the rest.
"""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from campaigns import days
from campaigns.models import Approach, Campaign, Event
from companies.models import Alias, Company, Contact
from companies.names import fold

from .models import Message, Recipient, State

RETURNED = "came_back"  # beside the states: what became of it afterwards
REFUSED = "refused"
RESULTS = [*State.choices, (RETURNED, _("Came back")), (REFUSED, _("Refused for a recipient"))]
_OF_RECIPIENTS = {
    RETURNED: [Recipient.Result.RETURNED],
    REFUSED: [Recipient.Result.REFUSED, Recipient.Result.TEMPORARY],
}


class Place(NamedTuple):
    """Where a page ends: the instant and the id of its last entry."""

    at: object
    pk: object


def entries(user, asked, *, zone):
    """Return the Messages that the person may see and asked for, newest first, without their bytes.

    asked  {campaign, words, kind, result, language, since, until, owner}, each a value or None or ""
    zone   the name of the time zone that the dates since and until are meant in
    """
    rows = Message.objects.all()
    narrow = False
    approaches = Approach.objects.all()
    if not user.has_perm("campaigns.see_all_campaigns"):
        approaches, narrow = approaches.filter(campaign__in=Campaign.objects.of(user).values("pk")), True
    if asked.get("campaign"):
        approaches, narrow = approaches.filter(campaign=asked["campaign"]), True
    if asked.get("owner"):
        approaches, narrow = approaches.filter(assigned=asked["owner"]), True
    if narrow:
        rows = rows.filter(approach__in=approaches.values("pk"))
    if words := (asked.get("words") or "").strip():
        rows, narrow = rows.filter(pk__in=_about(words)), True
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("language"):
        rows = rows.filter(language=asked["language"])
    if (result := asked.get("result")) in _OF_RECIPIENTS:
        so = Recipient.objects.filter(result__in=_OF_RECIPIENTS[result])
        rows, narrow = rows.filter(pk__in=so.values("message")), True
    elif result:
        rows = rows.filter(state=result)
    if asked.get("since"):
        rows = rows.filter(created_at__gte=days.start(asked["since"], zone))
    if asked.get("until"):
        rows = rows.filter(created_at__lt=days.end(asked["until"], zone))
    made = ExpressionWrapper(F("created_at") + Value(timedelta()), output_field=DateTimeField())
    rows = rows.annotate(made=made if narrow else F("created_at"))
    shown = rows.select_related("approach__campaign", "approach__assigned", "by_hand__contact")
    shown = shown.prefetch_related("recipients")
    return shown.defer("mime", "by_hand__content", "by_hand__note").order_by("-made", "pk")


def after(rows, place):
    """Return those of entries() that come after a Place."""
    return rows.filter(Q(created_at__lt=place.at) | Q(created_at=place.at, pk__gt=place.pk), created_at__lte=place.at)


def with_followers(rows):
    """Annotate entries() with `followed`: whether the same step was sent again later."""
    again = Message.objects.filter(approach=OuterRef("approach"), step=OuterRef("step"))
    return rows.annotate(followed=Exists(again.filter(resend_no__gt=OuterRef("resend_no"))))


def with_results(rows):
    """Annotate entries() with `hand_result`: what became of a contact by hand, an Event.Result or None."""
    told = Event.objects.filter(attempt=OuterRef("by_hand__message"), retracts=None, retraction=None).exclude(result="")
    return rows.annotate(hand_result=Subquery(told.values("result")[:1]))


def _about(words):
    """Return a subquery of the mails to an address, or to and from companies and contacts of that name.

    Of an address the beginning or the end is enough: "press@", "@company.example".
    """
    if "@" in words:
        found = Recipient.objects.filter(address__iexact=words)
        if words.startswith("@"):
            found = Recipient.objects.filter(address__iendswith=words)
        elif words.endswith("@"):
            found = Recipient.objects.filter(address__istartswith=words)
        return found.values("message")
    plain = fold(words)
    named = Alias.objects.filter(folded__contains=plain).values("company")
    companies = Company.objects.filter(Q(folded__contains=plain) | Q(pk__in=named))
    approaches = Approach.objects.filter(Q(company__in=companies.values("pk")) | Q(listed_as__icontains=words))
    contacts = Contact.objects.filter(name__icontains=words)
    to_people = Recipient.objects.filter(contact__in=contacts.order_by().values("pk")).order_by().values("message")
    of_companies = Message.objects.filter(approach__in=approaches.order_by().values("pk")).order_by().values("pk")
    return of_companies.union(to_people)
