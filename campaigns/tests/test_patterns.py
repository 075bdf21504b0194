from datetime import date

import pytest

from campaigns import days, drawing, patterns, roll, status
from campaigns.models import Event
from campaigns.texts import Texts

from .make import NOW, make_campaign, make_company, make_invited, reply

pytestmark = pytest.mark.django_db


def rows(campaign):
    found = roll.rows_of(campaign, Texts.read(campaign, "en"), roll.events_of(campaign, NOW), NOW)
    roll.add_sectors(found, campaign)
    return found


def test_countries_that_stand_alone_become_one_bar_and_the_unknown_comes_last():
    campaign = make_campaign()
    for country in ("FR", "FR", "DE", "IT", ""):
        make_invited(campaign, company=make_company(headquarters=country))
    reply(campaign.approaches.first())
    bars = patterns.by_country(rows(campaign))
    assert [(bar.name, bar.responded, bar.asked) for bar in bars] == [
        ("France", 1, 2), ("Germany, Italy", 0, 2), ("Not recorded", 0, 1),
    ]  # fmt: skip


def test_no_bars_where_most_countries_are_unknown():
    campaign = make_campaign()
    for country in ("FR", "DE", "", "", ""):
        make_invited(campaign, company=make_company(headquarters=country))
    assert patterns.by_country(rows(campaign)) == []


def test_groups_keep_the_order_of_the_list():
    campaign = make_campaign()
    for group in ("Sponsors", "Investors", "Sponsors"):
        make_invited(campaign, group=group)
    assert [(str(bar.name), bar.asked) for bar in patterns.by_group(rows(campaign))] == [
        ("Sponsors", 2),
        ("Investors", 1),
    ]


def test_the_strip_draws_only_replies_with_a_day():
    campaign = make_campaign()
    for stated in ("2026-03-05", "2026-03-14", "2026-03"):
        day = days.read(stated) if len(stated) == 10 else days.Day(date(2026, 3, 18), "")
        assert status.advance(make_invited(campaign), status.Reply.RESPONDED, now=NOW, on=day)
    strip = patterns.strip(campaign, rows(campaign), roll.events_of(campaign, NOW), date(2026, 3, 20))
    assert ([mark.stated for mark in strip.marks], strip.undated) == (["2026-03-05", "2026-03-14"], 1)


def test_a_reply_came_soon_after_a_reminder_only_where_that_company_was_reminded():
    campaign = make_campaign()
    reminded, spared, silent = (make_invited(campaign) for _number in range(3))
    for approach in (reminded, silent):
        status.log_attempt(approach, Event.Kind.REMINDED, now=NOW, on=days.read("2026-03-12"))
    for approach in (reminded, spared):
        assert status.advance(approach, status.Reply.RESPONDED, now=NOW, on=days.read("2026-03-14"))
    strip = patterns.strip(campaign, rows(campaign), roll.events_of(campaign, NOW), date(2026, 3, 20))
    assert (len(strip.reminders), strip.soon, strip.total) == (1, 1, 2)


def test_there_is_no_strip_where_days_are_not_recorded():
    campaign = make_campaign()
    for _number in range(3):
        nobody_knows = days.Day(date(2026, 3, 18), "")
        assert status.advance(make_invited(campaign), status.Reply.RESPONDED, now=NOW, on=nobody_knows)
    assert patterns.strip(campaign, rows(campaign), {}, date(2026, 3, 20)) is None


def test_names_on_the_strip_do_not_touch():
    marks = [
        patterns.Mark(date(2026, 3, 5), "2026-03-05", f"A company named {n}", "responded", 10 * n) for n in range(6)
    ]
    strip = patterns.Strip(date(2026, 3, 1), date(2026, 3, 20), marks, 0, [], None, True, None)
    for plot in drawing.drawings(strip):
        by_line = {}
        for label in plot.names:
            by_line.setdefault(label.y, []).append(label)
        assert len(by_line) > 1 and all(0 <= label.x <= plot.width for label in plot.names)
