"""What THE page shows: a campaign's score, names, table, matrix, patterns, questions and timeline."""

from collections import Counter

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns import chronicle, days, drawing, freshness, outline, particulars, patterns, prose, roll, sifting
from campaigns.labels import WORDS, label
from campaigns.models import Approach, Campaign, Event
from campaigns.status import COUNTS_BY_DEFAULT, Reach, Reply
from campaigns.texts import Texts

from . import matrix
from .models import Response, shown


def find(slug, now):
    """Return (campaign, rounds): the public campaign with this address or None, and {slug: its public other rounds}.

    One query. A round that is not public is not in it, so that no page can name it.
    """
    before = Campaign.objects.filter(slug=slug).values("previous_round")
    related = Campaign.objects.public(now).filter(Q(slug=slug) | Q(previous_round=slug) | Q(slug__in=before))
    rounds = {campaign.slug: campaign for campaign in related}
    return rounds.pop(slug, None), rounds


def stamp(campaign, rounds, now):
    """Return the stamp of everything that shows a public campaign and its responses.

    Texts, answers and removals are edited inside what they belong to, whose last edit stands here.
    """
    every = [campaign, *rounds.values()]
    over = [one.closes_at is not None and one.closes_at <= now for one in every]
    made = freshness.stamp(
        ("events", Event.objects.filter(approach__campaign=campaign), Max("id")),
        ("approaches", Approach.objects.filter(campaign__in=every), Max("edited_at"), Count("id")),
        ("responses", Response.objects.filter(approach__campaign=campaign), *edits(now)),
    )
    return f"{days.today(now, campaign.time_zone)}|{[(one.pk, one.edited_at) for one in every]}|{over}|{made}"


def edits(now):
    """Return the aggregates over the responses of public campaigns that tell of every change of theirs."""
    return Max("edited_at"), Count("id"), Count("id", filter=shown(now))


def build(campaign, rounds, get, now):
    """Return the template's context.

    get  the address's parameters, of which those that make no sense are left out
    """
    texts = Texts.read(campaign, get_language())
    listed = particulars.read(campaign, texts)
    questions, current = outline.read(campaign)
    roots, leaves = outline.outline(questions, texts)
    events = roll.events_of(campaign, now)
    rows = roll.rows_of(campaign, texts, events, now)
    roll.add_sectors(rows, campaign)
    replies = matrix.given(campaign, now)
    matrix.fill(rows, replies, matrix.codes(replies) if leaves else {}, leaves, current)
    page = _head(campaign, texts, listed, rows, now) | _rounds(campaign, rounds, rows, now)
    page |= _table(get, rows) | _patterns(campaign, rows, events, now)
    page |= {
        "roots": roots,
        "leaves": leaves,
        "heads_grouped": any(branch.number != root.number for root in roots for branch in root.children),
        "any_counts": any(leaf.counts.coded for leaf in leaves),
        "replies": sum(one.is_public for one in replies),
        "context": texts.of("context"),
        "context_html": prose.prose(texts.of("context").text),
        "trigger_title": texts.of("trigger_title"),
        "timeline": chronicle.chronicle(campaign, listed.entries, rows, events),
        "counting": _counting(campaign),
        "is_allegation": campaign.kind == Campaign.Kind.ALLEGATION,
    }
    return page | language(texts, questions)


def _head(campaign, texts, listed, rows, now):
    figures = roll.figures_of(campaign, rows)
    title = texts.first("headline", "title")
    closed = bool(campaign.closed_at)
    return {
        "campaign": campaign,
        "title": title,
        "long": "is-long is-longest" if len(title.text) > 110 else "is-long" if len(title.text) > 90 else "",
        "full_title": texts.of("title") if title != texts.of("title") else "",
        "summary": texts.of("summary"),
        "notice_text": texts.of("notice"),
        "findings": listed.findings,
        "askers": listed.askers,
        "topics": listed.topics,
        "as_of": as_of(campaign, rows, now),
        "figures": figures,
        "in_time": figures.responded - figures.responded_after_close,
        "closed": closed,
        "overdue": not closed and bool(campaign.closes_at and campaign.closes_at <= now),
        "walls": roll.walls(rows),
        "units": patterns.unit_bar(rows),
        "segments": patterns.segments(rows),
        "in_short": _in_short(rows),
        "page_title": title.text,
        "page_description": texts.of("summary").text
        or _("%(n)d of %(of)d companies responded") % {"n": figures.responded, "of": figures.approached},
        "page_type": "article",
        "crumbs": [{"url": reverse("campaigns"), "label": _("Campaigns")}],
    }


def as_of(campaign, rows, now):
    """Return the day that the figures are of: today while the campaign is open, else the last day that changed them."""
    if not campaign.closed_at:
        return days.today(now, campaign.time_zone)
    known = [row.state.reply_on for row in rows if row.state.reply_stated]
    return max(day for day in [campaign.closes_on, campaign.published_on, *known] if day)


def _in_short(rows):
    """[(label key, word, number)] of those in the rate that did not simply respond."""
    number = Counter(row.label.key for row in rows)
    return [(key, WORDS[key], number[key]) for key in ("partial", "declined", "silent", "awaiting") if number[key]]


def _table(get, rows):
    asked = [row for row in rows if row.state.reach == Reach.INVITED]
    sift = sifting.Sift.read(get, asked)
    found = sift.apply(asked)
    blocks, single = [], found
    if sift.is_plain:
        blocks = [block for key in ("silent", "awaiting") if (block := _block(key, found))]
        hidden = {block["key"] for block in blocks}
        single = [row for row in found if row.label.key not in hidden]
    page = sift.paged(single)
    for row in page.object_list:
        row.dealt_with = matrix.dealt_with(row)
    has_codes = any(cell.code for row in asked for cell in row.cells)
    has_texts = any(row.response or row.note or row.pending or row.remark for row in asked if row.has_replied)
    return {
        "sift": sift,
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "kept": f"{query}&" if (query := sift.query(page=1)) else "",
        "found": len(found),
        "asked": len(asked),
        "blocks": blocks if page.number == page.paginator.num_pages else [],
        "heads": sift.heads(_heads(asked)),
        "has_texts": has_texts,
        "told_columns": 1 + has_codes + has_texts,
        "has_codes": has_codes,
        "matrix": [row for row in page.object_list if row.responses] if matrix.is_worth_showing(rows) else [],
    }


def _heads(rows):
    known = {"country": any(row.country for row in rows), "sector": any(row.sectors for row in rows)}
    return [name for name in ("name", "status", "country", "sector", "date") if known.get(name, True)]


def _block(key, rows):
    """One block for those who sent nothing, with what most of them share; the exceptions are named."""
    rows = [row for row in rows if row.label.key == key]
    if len(rows) < sifting.MANY:
        return None
    shared, _number = Counter((len(row.attempts), row.last_attempt) for row in rows).most_common(1)[0]
    plain = Counter(row.label.note for row in rows).most_common(1)[0][0]
    exceptions = [(row, (len(row.attempts), row.last_attempt) == shared) for row in rows]
    return {
        "key": key,
        "word": WORDS[key],
        "number": len(rows),
        "attempts": shared[0],
        "last": shared[1],
        "note": plain,
        "exceptions": [(row, same) for row, same in exceptions if not same or row.remark or row.label.note != plain],
    }


def _patterns(campaign, rows, events, now):
    strip = patterns.strip(campaign, rows, events, days.today(now, campaign.time_zone))
    return {
        "strip": strip,
        "drawings": drawing.drawings(strip) if strip else [],
        "bars": [
            (name, bars)
            for name, bars in (
                (_("By group"), patterns.by_group(rows)),
                (_("Where the companies are based"), patterns.by_country(rows)),
                (_("By sector"), patterns.by_sector(rows)),
            )
            if bars
        ],
    }


def _rounds(campaign, rounds, rows, now):
    previous = rounds.get(campaign.previous_round)
    later = [one for one in rounds.values() if one.previous_round == campaign.slug]
    if previous:
        closed = bool(previous.closed_at)
        columns = ("company_id", "reach", "reply", "not_approached_because")
        asked = Approach.objects.public(now).filter(campaign=previous).values_list(*columns)
        earlier = {company: label(reach, reply, closed, because=why) for company, reach, reply, why in asked}
        for row in rows:
            row.earlier = earlier.get(row.company_id)
    return {
        "previous": previous,
        "later": later,
        "turned": sum(row.counted and row.earlier is not None and row.earlier.key == "silent" for row in rows),
    }


def _counting(campaign):
    """The kinds of reply that count here, where they differ from the usual ones; else empty."""
    if set(campaign.counts_as_response) == set(COUNTS_BY_DEFAULT):
        return []
    return [str(Reply(kind).label) for kind in campaign.counts_as_response]


def language(texts, questions):
    """What the frame says about languages: in which ones the page exists, and what is shown instead of this one.

    Asked last: the texts know by then which of them fell back.
    """
    having = texts.languages(questions)
    return {
        "content_languages": having,
        "shown_in": "" if texts.language in having else texts.campaign.language,
        "language_notice": texts.notice() if texts.rows.get(texts.language) or texts.language in having else "",
    }
