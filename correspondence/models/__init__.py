"""Everything that travels. Private: nothing here is in a public query."""

from .batch import Approved, Batch
from .by_hand import ByHand
from .control import Allowance, Control
from .message import OUTBOX, OWNED, Message, Recipient, ReplyLink, State
from .wording import LATER_REMINDERS, REMINDERS, WORDED, Attachment, Letter, Wording, WordingKind

__all__ = [
    "LATER_REMINDERS",
    "OUTBOX",
    "OWNED",
    "REMINDERS",
    "WORDED",
    "Allowance",
    "Approved",
    "Attachment",
    "Batch",
    "ByHand",
    "Control",
    "Letter",
    "Message",
    "Recipient",
    "ReplyLink",
    "State",
    "Wording",
    "WordingKind",
]
