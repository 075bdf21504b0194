"""When approved mails leave, where each waits for the working hours of its company."""

from collections import defaultdict

from campaigns import window
from campaigns.models import Approach

from .models import Message, State

TOGETHER = 500  # approaches in one query


def approaches(keys):
    """Yield (Approach, Window) of these ids; four queries for each 500."""
    keys = list(keys)
    for start in range(0, len(keys), TOGETHER):
        rows = Approach.objects.filter(pk__in=keys[start : start + TOGETHER]).select_related("company", "campaign")
        for approach in rows.prefetch_related("chosen__contact"):
            yield approach, window.of(approach)


def wait(batch, at):
    """Let each queued mail of an approval leave in its company's hours, on the first working day from the instant `at`.

    A mail that misses the end of that day's hours waits for the next ones, like a reminder that leaves by itself.
    """
    mails = defaultdict(list)
    for approach, pk in batch.messages.filter(state=State.QUEUED).values_list("approach", "pk"):
        mails[approach].append(pk)
    together = defaultdict(list)  # few: most companies share their zone with others
    for approach, mine in approaches(mails):
        opens = mine.next_opening(at)
        together[opens, mine.closing(opens)] += mails[approach.pk]
    for (opens, closes), pks in together.items():
        for start in range(0, len(pks), TOGETHER):
            part = Message.objects.filter(pk__in=pks[start : start + TOGETHER])
            part.update(not_before=opens, leaves_until=closes)
