"""What stands between a campaign and its invitations: every obstacle with the place to mend it, and what is done.

Nothing is stored: each look reads the campaign as it is now, in a constant number of queries, and tries every
invitation without keeping it. What blocks the whole campaign keeps the approval of its invitations shut.
"""

from collections import defaultdict
from functools import cached_property

from django.conf import settings
from django.urls import reverse

from . import batches, merged, obstacles_of_companies, relay_url
from . import obstacles as of_the_campaign
from .doubts import WAS_SENT
from .letters import Letters
from .models import Message, State, WordingKind
from .obstacles import Level
from .wording import Blocked


def obstacles(campaign, now, case=None):
    """Return [Obstacle] of a campaign's invitations, what blocks first; 25 queries or fewer, whatever its size."""
    return _sorted(case or Case(campaign, now), obstacles_of_companies.CHECKS + of_the_campaign.CHECKS)


def shut(campaign, now, letters=None):
    """Return the Obstacles for which no invitation of the campaign may be approved now; no company is looked at."""
    return [one for one in _sorted(Case(campaign, now, letters), of_the_campaign.CHECKS) if one.shuts]


def _sorted(case, checks):
    found = [one for check in checks for one in check(case)]
    return sorted(found, key=lambda one: Level.values.index(one.level))


class Case:
    """A campaign with its companies, and what a try at every invitation said; what is not asked for is not read."""

    def __init__(self, campaign, now, letters=None):
        self.campaign, self.now = campaign, now
        self.letters = letters or Letters(campaign)
        self.real = relay_url.parse(settings.EMAIL_URL).kind != "file"

    @property
    def under_way(self):
        """A query of the approaches whose invitation is approved, or may have left."""
        mails = Message.objects.filter(approach__campaign=self.campaign, kind=WordingKind.INVITATION)
        return mails.filter(state__in=(*WAS_SENT, State.QUEUED, State.LEASED)).values("approach")

    @cached_property
    def records(self):
        return merged.Records(batches.addressees(self.campaign, WordingKind.INVITATION).exclude(pk__in=self.under_way))

    @property
    def planned(self):
        """{id: Approach}, in the campaign's order."""
        return self.records.approaches

    @cached_property
    def tried(self):
        return Tried(self)

    @property
    def steps(self):
        return [step for step in self.letters.steps.values() if not step.retired_at]

    @property
    def kinds(self):
        """The kinds of wording that the campaign will need: the invitation and what its steps say."""
        return list(dict.fromkeys([WordingKind.INVITATION, *(WordingKind(step.wording) for step in self.steps)]))

    def change(self, part=""):
        """Return the address of the campaign's own page."""
        return reverse("admin:campaigns_campaign_change", args=[self.campaign.pk]) + part

    def page(self, name):
        """Return the address of one of its pages."""
        return reverse(name, args=[self.campaign.pk])

    def wording(self, kind, code):
        """Return the address at which a kind of letter is written in a language."""
        return reverse("mail_wording", args=[self.campaign.pk, kind, code])


class Tried:
    """What came of merging every invitation without keeping it.

    to           {approach id: [To]}
    languages    {approach id: code} of the wording that each gets
    ready        [Approach]
    unreachable  {sentence: [Approach]} without a contact that can be written to
    unworded     [Approach] without a wording in a language that would do
    unmerged     {(sentence, empty field or "", language): [Approach]} whose wording cannot be filled in
    """

    def __init__(self, case):
        self.to, self.languages, self.ready, self.unworded = {}, {}, [], []
        self.unreachable, self.unmerged = defaultdict(list), defaultdict(list)
        for approach in case.planned.values():
            self._try(case, approach, WordingKind.INVITATION)

    def _try(self, case, approach, kind):
        key = approach.pk
        try:
            self.to[key] = merged.recipients(case.records.chosen[key])
        except Blocked as fault:
            self.unreachable[str(fault)].append(approach)
            return
        try:
            self.languages[key] = case.letters.wording(kind, self.to[key][0].contact)[1].language
        except Blocked:
            self.unworded.append(approach)
            return
        try:
            case.records.words(key, kind, case.letters, kind)
        except Blocked as fault:
            self.unmerged[str(fault), fault.field, self.languages[key]].append(approach)
            return
        self.ready.append(approach)
