"""The nouns of this app, a module each."""

from .approach import Approach, ChosenContact
from .campaign import Asker, Campaign, CampaignTopic, Count, Finding, Membership, ReminderStep, TimelineEntry, Topic
from .clock import ClockOffset
from .event import Event
from .question import Question
from .translation import Translation

__all__ = [
    "Approach",
    "Asker",
    "Campaign",
    "CampaignTopic",
    "ChosenContact",
    "ClockOffset",
    "Count",
    "Event",
    "Finding",
    "Membership",
    "Question",
    "ReminderStep",
    "TimelineEntry",
    "Topic",
    "Translation",
]
