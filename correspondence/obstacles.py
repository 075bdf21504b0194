"""What may stand in the way of a campaign's invitations: one function for each matter, which reads a preflight.Case.

Those of the campaign look at no company, so that an approval can ask them again at once.
"""

from collections import defaultdict
from typing import NamedTuple

from django.conf import settings
from django.db.models import TextChoices
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import days, window
from campaigns.models import Campaign
from campaigns.templatetags.frame import language_name, partial_date

from . import attachments, control, over_asking, wording
from .models import Control, WordingKind

NOWHERE = (".example", ".test", ".invalid", ".localhost", "@example.com", "@example.org", "@example.net")


class Level(TextChoices):
    BLOCKS = "blocks", gettext_lazy("Mend first")
    LOOK = "look", gettext_lazy("To look at")
    DONE = "done", gettext_lazy("Done")


class Obstacle(NamedTuple):
    """One sentence of the list.

    companies  [(name, address of the page that mends it)] of those it concerns; empty: it concerns the whole campaign.
               One that blocks is about these alone: the others can be invited
    """

    level: str
    sentence: str
    companies: list = []
    url: str = ""
    link: str = ""  # what the link to `url` says

    @property
    def shuts(self):
        """Say whether nobody at all can be invited before this is mended."""
        return self.level == Level.BLOCKS and not self.companies


def _named(approaches, to="admin:campaigns_approach_change"):
    return [(one.listed_as, reverse(to, args=[one.pk])) for one in approaches]


def _companies(case):
    tried = case.tried
    if not case.planned:
        url = f"{reverse('admin:campaigns_approach_changelist')}?campaign__id__exact={case.campaign.pk}"
        said = _("No company waits for an invitation.")
        yield Obstacle(Level.BLOCKS, said, url=url, link=_("See its companies"))
    for sentence, approaches in tried.unreachable.items():
        text = ngettext(
            "%(number)d company cannot be written to. %(reason)s",
            "%(number)d companies cannot be written to. %(reason)s",
            len(approaches),
        )
        yield Obstacle(Level.BLOCKS, text % {"number": len(approaches), "reason": sentence}, _named(approaches))
    if tried.to:
        text = ngettext("%(n)d company has a contact.", "%(n)d companies have a contact.", len(tried.to))
        yield Obstacle(Level.DONE, text % {"n": len(tried.to)})


def _addresses(case):
    owners = defaultdict(dict)
    for key, people in case.tried.to.items():
        for one in people:
            owners[one.address.lower()][key] = case.planned[key]
    shared = {key: one for of in owners.values() if len(of) > 1 for key, one in of.items()}
    if shared:
        text = _("%(n)d companies share an address with another one.")
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
    tried, read, missing = case.tried, defaultdict(list), False
    url, link = case.wordings(), _("Write the wording")
    if tried.unworded and case.letters.languages(WordingKind.INVITATION):
        said = _("There is no invitation in the contact's language, the campaign's or English.")
        yield Obstacle(Level.BLOCKS, said, _named(tried.unworded), url, link)
    for key, people in tried.to.items():
        if code := people[0].contact.language:
            read[code].append(case.planned[key])
    for code in sorted(read):
        kinds = [kind for kind in case.kinds if not _speaks(case.letters.languages(kind), code)]
        if kinds:
            said, missing = {"kinds": ", ".join(str(kind.label) for kind in kinds)}, True
            said["language"] = language_name(code)
            text = _("There is no wording in %(language)s, which these read, of: %(kinds)s. They get another language.")
            yield Obstacle(Level.LOOK, text % said, _named(read[code]), url, link)
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
        yield Obstacle(Level.LOOK, text % said, _named(approaches), case.change(), _("Translate the questions"))


def _speaks(codes, code):
    """Say whether a kind of wording is there in a language; one that is in none is another obstacle."""
    return not codes or {code, code.split("-")[0]} & set(codes)


def _fields(case):
    for sentence, approaches in case.tried.unmerged.items():
        yield Obstacle(Level.BLOCKS, sentence, _named(approaches), case.wordings(), _("Mend the wording"))


def _working_day(case):
    deadline = case.campaign.deadline
    free = [one for one in case.planned.values() if deadline and not window.works(_country(one), deadline)]
    if free:
        all_of_them = len(free) == len(case.planned)
        text = _("%(day)s, the day to reply by, is no working day where these companies are.")
        if all_of_them:
            text = _("%(day)s, the day to reply by, is no working day.")
        said = text % {"day": partial_date(case.campaign.deadline_stated)}
        yield Obstacle(Level.LOOK, said, [] if all_of_them else _named(free), case.change(), _("Change the day"))


def _country(approach):
    return str(approach.company.headquarters)


def _over_asking(case):
    asked = over_asking.recent(case.campaign, case.now)
    approaches = [one for key, one in case.planned.items() if key in asked]
    if approaches:
        text = ngettext(
            "%(n)d company is asked by another campaign of ours within 30 days.",
            "%(n)d companies are asked by other campaigns of ours within 30 days.",
            len(approaches),
        )
        named = [(one.listed_as, reverse("company_asked", args=[one.company_id])) for one in approaches]
        yield Obstacle(Level.LOOK, text % {"n": len(approaches)}, named)
    elif case.planned:
        yield Obstacle(Level.DONE, _("No other campaign of ours asks these companies within 30 days."))


def _wordings(case):
    url, link = case.wordings(), _("Write the wording")
    for kind in case.kinds:
        codes = case.letters.languages(kind)
        if not codes and kind == WordingKind.INVITATION:
            yield Obstacle(Level.BLOCKS, _("There is no wording of the invitation."), url=url, link=link)
        elif not codes:
            text = _("There is no wording of the step “%(kind)s”: it will not leave.")
            yield Obstacle(Level.LOOK, text % {"kind": kind.label}, url=url, link=link)
        for code in codes if kind != WordingKind.INVITATION else ():
            text = case.letters.wordings[kind, code]
            if wrong := wording.unknown_fields(text.subject + text.body):
                said = {"wording": text, "fields": " ".join(wrong)}
                sentence = _("%(wording)s has %(fields)s, which is not a field: it will not leave.") % said
                yield Obstacle(Level.LOOK, sentence, url=url, link=_("Mend the wording"))


def _questions(case):
    count = case.campaign.questions.current().count()
    if count:
        text = ngettext("%(n)d question is asked.", "%(n)d questions and headings are asked.", count)
        yield Obstacle(Level.DONE, text % {"n": count})
    elif case.campaign.kind == Campaign.Kind.SURVEY:
        url = case.change("#questions-group")
        yield Obstacle(Level.BLOCKS, _("No question is asked yet."), url=url, link=_("Add the questions"))


def _days(case):
    campaign, url, link = case.campaign, case.change(), _("Change the days")
    deadline, closes = campaign.deadline, campaign.closes_on
    said = {"day": partial_date(campaign.deadline_stated), "closes": partial_date(campaign.closes_stated)}
    over = campaign.closed_at or (campaign.closes_at and campaign.closes_at <= case.now)
    if over:
        yield Obstacle(Level.BLOCKS, _("The campaign is closed, or its closing date is over."), url=url, link=link)
    if deadline and deadline < days.today(case.now, campaign.time_zone):
        yield Obstacle(Level.BLOCKS, _("The day to reply by is over: %(day)s.") % said, url=url, link=link)
    elif deadline and closes and closes < deadline:
        text = _("The campaign closes on %(closes)s, before the day to reply by, %(day)s.")
        yield Obstacle(Level.BLOCKS, text % said, url=url, link=link)
    elif deadline and closes and not over:
        text = _("Companies are asked to reply by %(day)s; the campaign closes on %(closes)s.")
        yield Obstacle(Level.DONE, text % said)
    if not deadline:
        yield Obstacle(Level.LOOK, _("There is no day to reply by."), url=url, link=link)
    if not closes:
        yield Obstacle(Level.LOOK, _("There is no closing date."), url=url, link=link)


def _sender(case):
    campaign, url, link = case.campaign, case.change(), _("Fill in the sender")
    for value, said in (
        (campaign.from_address, _("The campaign has no sender's address.")),
        (campaign.reply_to, _("The campaign does not say where replies go.")),
    ):
        if not value:
            yield Obstacle(Level.BLOCKS if case.real else Level.LOOK, said, url=url, link=link)
    if campaign.reply_to:
        text = _("Replies go to %(address)s. This site does not read them: log each one.")
        yield Obstacle(
            Level.DONE, text % {"address": campaign.reply_to}, url=reverse("log_reply"), link=_("Log a reply")
        )


def _server(case):
    row, url, link = Control.objects.filter(pk=1).first() or Control(), reverse("mail_control"), _("See why")
    if not case.real:
        yield Obstacle(Level.LOOK, _("Mail is written to files on this machine: no company gets it."))
    elif row.relay_fault:
        said = _("The mail server does not let us in: %(said)s") % {"said": row.relay_fault}
        yield Obstacle(Level.BLOCKS, said)
    elif row.relay_checked_at is None:
        yield Obstacle(Level.LOOK, _("The mail server was not asked yet whether it lets us in."))
    else:
        yield Obstacle(Level.DONE, _("The mail server lets us in."))
    if settings.OUTREACH_HOLD or row.held_at or control.jumped(row, case.now):
        text = _("All mail is held. What you approve waits until it is released.")
        yield Obstacle(Level.LOOK, text, url=url, link=link)
    if row.breaker_opened_at:
        text = _("The mail server was given up for now. What you approve waits until it answers.")
        yield Obstacle(Level.LOOK, text, url=url, link=link)
    if case.campaign.paused_at:
        yield Obstacle(
            Level.LOOK,
            _("The mail of this campaign is paused. What you approve waits until it is resumed."),
            url=reverse("mail_outgoing", args=[case.campaign.pk]),
            link=_("Resume it"),
        )


def _chasing(case):
    if count := len(case.steps):
        text = ngettext("%(n)d reminder step is planned.", "%(n)d reminder steps are planned.", count)
        yield Obstacle(Level.DONE, text % {"n": count})
    else:
        url, link = case.change("#steps-group"), _("Add reminder steps")
        yield Obstacle(Level.LOOK, _("No reminder is planned: who does not answer is not chased."), url=url, link=link)
    if not case.campaign.memberships.exists():
        url, link = case.change("#memberships-group"), _("Add the team")
        yield Obstacle(Level.LOOK, _("Nobody is on the team."), url=url, link=link)


def _files(case):
    for text in case.letters.wordings.values():
        size = sum(one.size for one in case.letters.files(text))
        if size > attachments.LARGEST and text.kind == WordingKind.INVITATION:
            said = {"wording": text, "size": filesizeformat(size), "most": filesizeformat(attachments.LARGEST)}
            sentence = _("The files of %(wording)s are %(size)s; mail servers take up to %(most)s.") % said
            yield Obstacle(Level.BLOCKS, sentence, url=case.wordings(), link=_("Take files out"))


OF_COMPANIES = (_companies, _addresses, _languages, _fields, _working_day, _over_asking)
OF_THE_CAMPAIGN = (_wordings, _questions, _days, _sender, _server, _chasing, _files)
