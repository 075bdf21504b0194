"""The nouns of this app, a module each."""

from .approach import Approach, ChosenContact
from .campaign import Campaign
from .clock import ClockOffset
from .count import Count
from .daily import Daily
from .event import Event
from .page import Asker, Finding, TimelineEntry
from .question import Question
from .spreadsheet import SpreadsheetImport
from .step import ReminderStep
from .team import Membership
from .topic import CampaignTopic, Topic
from .translation import Translation

__all__ = [
    "Approach",
    "Asker",
    "Campaign",
    "CampaignTopic",
    "ChosenContact",
    "ClockOffset",
    "Count",
    "Daily",
    "Event",
    "Finding",
    "Membership",
    "Question",
    "ReminderStep",
    "SpreadsheetImport",
    "TimelineEntry",
    "Topic",
    "Translation",
]
