import itertools

import pytest

from campaigns.labels import IN_THE_RATE, ORDER, key_of, label
from campaigns.status import Reach, Reply


@pytest.mark.parametrize(("reply", "closed"), list(itertools.product(Reply, [True, False])))
def test_no_response_is_said_only_after_a_close_about_those_who_sent_nothing(reply, closed):
    silent = closed and reply in (Reply.SILENT, Reply.ACKNOWLEDGED, Reply.ENGAGED)
    assert (label(Reach.INVITED, reply, closed).word == "No response") == silent


@pytest.mark.parametrize(("reach", "reply"), list(itertools.product(Reach, Reply)))
def test_every_status_has_a_label(reach, reply):
    said = label(reach, reply, closed=False)
    assert said.key in ORDER and said.word


def test_those_that_were_not_reached_or_asked_are_not_in_the_rate():
    apart = {key_of(reach, Reply.NONE, closed=True) for reach in Reach if reach != Reach.INVITED}
    assert apart == {"unreached", "unasked", "planned"} and not apart & set(IN_THE_RATE)


def test_what_the_close_left_alone_is_awaited_with_the_date_passed():
    assert label(Reach.INVITED, Reply.NONE, closed=True) == ("awaiting", "Awaiting response", "closing date passed")


def test_a_late_reply_says_so_beside_what_else_there_is_to_say():
    said = label(Reach.INVITED, Reply.ANSWERED_BY_OTHER, closed=True, answered_by="Hyatt", late=True)
    assert said.note == "answered by Hyatt; received after the closing date"


def test_a_receipt_names_its_day_where_it_is_recorded():
    assert label(Reach.INVITED, Reply.ACKNOWLEDGED, closed=False, on="14 July 2022").note == (
        "confirmed receipt on 14 July 2022"
    )
    assert label(Reach.INVITED, Reply.ACKNOWLEDGED, closed=False).note == "confirmed receipt"
