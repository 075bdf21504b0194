"""What may stand in the way of inviting single companies: one function for each matter, which reads a preflight.Case.

Each names the companies, with the page that mends it: its contacts, its own page, or what others of us asked it.
"""

from collections import defaultdict

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import days, window
from campaigns.models import ChosenContact
from campaigns.status import Reach
from campaigns.templatetags.frame import language_name, partial_date

from . import over_asking
from .models import WordingKind
from .obstacles import Level, Obstacle

NOWHERE = (".example", ".test", ".invalid", ".localhost", "@example.com", "@example.org", "@example.net")
TITLES = 3  # other campaigns in a sentence
CONTACTS, ITSELF = "approach_contacts", "admin:campaigns_approach_change"


def _named(approaches, to=CONTACTS, part=""):
    return [(one.listed_as, reverse(to, args=[one.pk]) + part) for one in approaches]


def _companies(case):
    tried = case.tried
    if not case.planned:
        if case.campaign.approaches.filter(Q(reach=Reach.INVITED) | Q(pk__in=case.under_way)).exists():
            yield Obstacle(Level.DONE, _("Every company of the list is invited, or its invitation is on its way."))
            return
        said = _("No company waits for an invitation.")
        yield Obstacle(Level.BLOCKS, said, url=case.page("campaign_companies"), link=_("Add companies"))
    for sentence, approaches in tried.unreachable.items():
        text = ngettext(
            "%(number)d company cannot be written to. %(reason)s",
            "%(number)d companies cannot be written to. %(reason)s",
            len(approaches),
        )
        yield Obstacle(Level.LEFT_OUT, text % {"number": len(approaches), "reason": sentence}, _named(approaches))
    if tried.to:
        text = ngettext("%(n)d company has a contact.", "%(n)d companies have a contact.", len(tried.to))
        yield Obstacle(Level.DONE, text % {"n": len(tried.to)})


def _addresses(case):
    owners = defaultdict(dict)
    for key, people in case.tried.to.items():
        for one in people:
            owners[one.address.lower()][key] = case.planned[key]
    others = ChosenContact.objects.filter(approach__campaign=case.campaign).exclude(approach__in=list(case.planned))
    written = others.filter(Q(approach__reach=Reach.INVITED) | Q(approach__in=case.under_way))
    for address in written.values_list(Lower("contact__email"), flat=True):
        if address in owners:
            owners[address][None] = None  # somebody who was written to before
    shared = {key: one for of in owners.values() if len(of) > 1 for key, one in of.items() if one}
    if shared:
        text = ngettext(
            "%(n)d company shares an address with another one.",
            "%(n)d companies share an address with another one.",
            len(shared),
        )
        yield Obstacle(Level.LOOK, text % {"n": len(shared)}, _named(shared.values()))
    invented = {key: one for low, of in owners.items() if low.endswith(NOWHERE) for key, one in of.items()}
    if invented and case.real:
        text = ngettext(
            "%(n)d company has an address of a kind that is made for examples: mail to it comes back.",
            "%(n)d companies have addresses of a kind that is made for examples: mail to them comes back.",
            len(invented),
        )
        yield Obstacle(Level.LOOK, text % {"n": len(invented)}, _named(invented.values()))


def _languages(case):
    """Which languages its contacts read, against those of the wordings and of the questions."""
    tried, read, missing, link = case.tried, defaultdict(list), False, _("Write the wording")
    if tried.unworded and case.letters.languages(WordingKind.INVITATION):
        said = _("There is no invitation in the contact's language, the campaign's or English.")
        url = case.wording(WordingKind.INVITATION, case.campaign.language)
        yield Obstacle(Level.LEFT_OUT, said, _named(tried.unworded), url, link)
    for key, people in tried.to.items():
        if code := people[0].contact.language:
            read[code].append(case.planned[key])
    for code in sorted(read):
        kinds = [kind for kind in case.kinds if not _speaks(case.letters.languages(kind), code)]
        if kinds:
            said, missing = {"kinds": ", ".join(str(kind.label) for kind in kinds)}, True
            said["language"] = language_name(code)
            text = _("There is no wording in %(language)s, which these read, of: %(kinds)s. They get another language.")
            yield Obstacle(Level.LOOK, text % said, _named(read[code]), case.wording(kinds[0], code), link)
    if tried.languages and not missing:
        names = ", ".join(sorted({language_name(code) for code in tried.languages.values()}))
        yield Obstacle(Level.DONE, _("Every company gets its letters in a language it reads: %s.") % names)
    used, own = set(tried.languages.values()), case.campaign.language
    texts = case.campaign.translations.filter(field="text", question__replaced_at=None).exclude(question=None)
    done = set(texts.order_by().values_list("language", flat=True).distinct())
    for code in sorted(used - done - {own}):
        text = _("The questions are not translated into %(language)s: these read them in %(own)s.")
        said = {"language": language_name(code), "own": language_name(own)}
        approaches = [case.planned[key] for key, chosen in tried.languages.items() if chosen == code]
        url = f"{case.page('mail_texts')}?missing={code}"
        yield Obstacle(Level.LOOK, text % said, _named(approaches), url, _("Translate the questions"))


def _speaks(codes, code):
    """Say whether a kind of wording is there in a language; one that is in none is another obstacle."""
    return not codes or {code, code.split("-")[0]} & set(codes)


def _fields(case):
    """What cannot be filled in: where it is filled, or the wording in which it is mended."""
    found = {}
    for (sentence, field, code), approaches in case.tried.unmerged.items():
        on_the_campaign = field in ("asker", "questions", *_ON_THE_CAMPAIGN)  # mended once for all languages
        found.setdefault((sentence, field, "" if on_the_campaign else code), []).extend(approaches)
    for (sentence, field, code), approaches in found.items():
        url, link = case.wording(WordingKind.INVITATION, code or case.campaign.language), _("Mend the wording")
        if field == "asker":
            url, link = case.change("#askers-group"), _("Say who asks")
        elif field == "questions":
            url, link = case.page("campaign_questions"), _("Add the questions")
        elif field in _ON_THE_CAMPAIGN:
            url, link = case.change(f"#id_{_ON_THE_CAMPAIGN[field]}"), _("Fill it in")
        if field == "contact_name":
            sentence += " " + _("Add a name or a fallback.")
        elif field:
            sentence += " " + _("Add what is missing, or a fallback.")
        named = _named(approaches, ITSELF, "#id_reason") if field == "reason" else _named(approaches)
        yield Obstacle(Level.LEFT_OUT, sentence, named, url, link)


_ON_THE_CAMPAIGN = {"reply_by": "deadline", "closes_on": "closes_on", "signature": "signature"}


def _working_day(case):
    deadline = case.campaign.deadline
    if deadline and deadline < days.today(case.now, case.campaign.time_zone):
        return  # it is over: that is said already
    free = [one for one in case.planned.values() if deadline and not window.works(_country(one), deadline)]
    if free:
        all_of_them = len(free) == len(case.planned)
        text = _("%(day)s, the day to reply by, is no working day where these companies are.")
        if all_of_them:
            text = _("%(day)s, the day to reply by, is no working day.")
        said = text % {"day": partial_date(case.campaign.deadline_stated)}
        named = [] if all_of_them else _named(free, ITSELF, "#id_deadline")
        yield Obstacle(Level.LOOK, said, named, case.change("#id_deadline"), _("Change the day"))


def _country(approach):
    return str(approach.company.headquarters)


def _over_asking(case):
    asked = over_asking.recent(case.campaign, case.now)
    found = [(one, asked[key]) for key, one in case.planned.items() if key in asked]
    if found:
        text = ngettext(
            "%(n)d company is asked by another campaign of ours within 30 days.",
            "%(n)d companies are asked by other campaigns of ours within 30 days.",
            len(found),
        )
        titles = list(dict.fromkeys(one.title for _approach, rows in found for one in rows))
        said = f"{text % {'n': len(found)}} {'; '.join(titles[:TITLES])}{' …' if len(titles) > TITLES else ''}"
        named = [(one.listed_as, reverse("company_asked", args=[one.company_id])) for one, _rows in found]
        yield Obstacle(Level.LOOK, said, named)
    elif case.planned:
        yield Obstacle(Level.DONE, _("No other campaign of ours asks these companies within 30 days."))


CHECKS = (_companies, _addresses, _languages, _fields, _working_day, _over_asking)
