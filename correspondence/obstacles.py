"""What may stand in the way of all invitations of a campaign: a function for each matter, which reads a preflight.Case.

None looks at a company, so that an approval can ask them again at once. Those of single companies are in
obstacles_of_companies.py.
"""

from typing import NamedTuple

from django.conf import settings
from django.db.models import TextChoices
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import days
from campaigns.models import Campaign
from campaigns.templatetags.frame import partial_date

from . import attachments, control, wording
from .models import Control, WordingKind


class Level(TextChoices):
    BLOCKS = "blocks", gettext_lazy("Mend first")  # nobody can be invited
    LEFT_OUT = "left", gettext_lazy("Left out until it is mended")  # these companies; the others can be invited
    LOOK = "look", gettext_lazy("To look at")
    DONE = "done", gettext_lazy("Done")


class Obstacle(NamedTuple):
    """One sentence of the list.

    companies  [(name, address of the page that mends it)] of those it concerns; empty: it concerns the whole campaign
    """

    level: str
    sentence: str
    companies: list = []
    url: str = ""
    link: str = ""  # what the link to `url` says

    @property
    def shuts(self):
        """Say whether nobody at all can be invited before this is mended."""
        return self.level == Level.BLOCKS


def _wordings(case):
    link, own = _("Write the wording"), case.campaign.language
    for kind in case.kinds:
        codes, url = case.letters.languages(kind), case.wording(kind, own)
        if not codes and kind == WordingKind.INVITATION:
            yield Obstacle(Level.BLOCKS, _("There is no wording of the invitation."), url=url, link=link)
        elif not codes:
            text = _("There is no wording of the step “%(kind)s”: it will not leave.")
            yield Obstacle(Level.LOOK, text % {"kind": kind.label}, url=url, link=link)
        for code in codes if kind != WordingKind.INVITATION else ():
            text = case.letters.text(kind, code)
            if wrong := wording.unknown_fields(text.subject + text.body):
                said = {"wording": text, "fields": " ".join(wrong)}
                sentence = _("%(wording)s has %(fields)s, which is not a field: it will not leave.") % said
                yield Obstacle(Level.LOOK, sentence, url=case.wording(text.kind, code), link=_("Mend the wording"))


def _questions(case):
    count = case.campaign.questions.current().count()
    if count:
        text = ngettext("%(n)d question is asked.", "%(n)d questions and headings are asked.", count)
        yield Obstacle(Level.DONE, text % {"n": count})
    elif case.campaign.kind == Campaign.Kind.SURVEY:
        url = case.page("campaign_questions")
        yield Obstacle(Level.BLOCKS, _("No question is asked yet."), url=url, link=_("Add the questions"))


def _days(case):
    campaign, url, link = case.campaign, case.change("#id_deadline"), _("Change the days")
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
        yield Obstacle(Level.LOOK, _("There is no closing date."), url=case.change("#id_closes_on"), link=link)


def _sender(case):
    campaign, link = case.campaign, _("Fill in the sender")
    for name, said in (
        ("from_address", _("The campaign has no sender's address.")),
        ("reply_to", _("The campaign does not say where replies go.")),
    ):
        if not getattr(campaign, name):
            level, url = Level.BLOCKS if case.real else Level.LOOK, case.change(f"#id_{name}")
            yield Obstacle(level, said, url=url, link=link)
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
        yield Obstacle(Level.BLOCKS, said, url=url, link=link)
    elif row.relay_checked_at is None:
        said = _("The mail server was not asked yet whether it lets us in.")
        yield Obstacle(Level.LOOK, said, url=url, link=_("Ask it"))
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
            url=case.page("mail_outgoing"),
            link=_("Resume it"),
        )


def _chasing(case):
    if count := len(case.steps):
        text = ngettext("%(n)d reminder step is planned.", "%(n)d reminder steps are planned.", count)
        yield Obstacle(Level.DONE, text % {"n": count})
    else:
        url, link = case.page("mail_steps"), _("Add reminder steps")
        yield Obstacle(Level.LOOK, _("No reminder is planned: who does not answer is not chased."), url=url, link=link)
    if not case.campaign.memberships.exists():
        url, link = case.page("campaign_team"), _("Add the team")
        yield Obstacle(Level.LOOK, _("Nobody is on the team."), url=url, link=link)


def _files(case):
    for text in case.letters.wordings.values():
        size = sum(one.size for one in case.letters.files(text))
        if size > attachments.LARGEST and text.kind == WordingKind.INVITATION:
            said = {"wording": text, "size": filesizeformat(size), "most": filesizeformat(attachments.LARGEST)}
            sentence = _("The files of %(wording)s are %(size)s; mail servers take up to %(most)s.") % said
            yield Obstacle(Level.BLOCKS, sentence, url=case.wording(text.kind, text.language), link=_("Take files out"))


CHECKS = (_wordings, _questions, _days, _sender, _server, _chasing, _files)
