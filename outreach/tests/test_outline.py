"""The questions of a campaign under a pointer and under the keys: what the script posts is what the buttons post."""

import pytest

from campaigns import roles
from campaigns.tests.make import make_campaign, make_question
from campaigns.tests.staff import make_staff, signed_in

from .test_browser import browser  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
ACT = """(() => {
  const form = document.querySelector("[data-outline]").closest("form"), sent = [];
  form.addEventListener("submit", event => {
    event.preventDefault();
    const data = new FormData(form);
    sent.push([event.submitter.value, data.getAll("number").join(" "), data.getAll("level").join(" ")]);
  });
  const handles = [...form.querySelectorAll("[data-handle]")], rows = handles.map(one => one.closest("[data-row]"));
  const key = (place, key) =>
    handles[place].dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const fire = (kind, on, x, y) => on.dispatchEvent(new DragEvent(kind,
    {bubbles: true, cancelable: true, clientX: x, clientY: y, dataTransfer: new DataTransfer()}));
  key(2, "ArrowRight"); key(2, "ArrowUp"); key(0, "Enter");
  const top = rows[0].getBoundingClientRect().top;
  fire("dragstart", handles[2], 100, 300);
  fire("dragover", rows[0], 140, top + 2);
  const hints = [...form.querySelectorAll(".drop-before, .drop-in")].map(row => rows.indexOf(row));
  fire("drop", rows[0], 140, top + 2);
  fire("dragend", handles[2], 140, top + 2);
  return [sent, hints, form.querySelectorAll(".drop-before, .drop-in").length];
})()"""


@pytest.mark.parametrize(("language", "turned"), [("en", "indent:2"), ("ar", "outdent:2")])
def test_keys_and_drops_press_the_buttons_of_a_row(browser, language, turned):  # noqa: F811
    campaign = make_campaign(asked_on=None)
    first = make_question(campaign, "1", position=0)
    make_question(campaign, "1.a", position=1, parent=first)
    make_question(campaign, "1.b", position=2, parent=first)
    path = f"/admin/campaigns/campaign/{campaign.pk}/questions/"
    answer = signed_in(make_staff(roles.LEAD)).get(path, headers={"accept-language": language})
    (sent, hints, left), refused, elsewhere = browser(path, answer, 1280, 900, ACT)
    way = 1 if language == "en" else -1  # dragged to the right: in, or out where the script runs the other way
    assert sent == [
        [turned, "1 1.a 1.b", "0 1 1"],
        ["up:2", "1 1.a 1.b", "0 1 1"],
        ["settle:2", "1.b 1 1.a", f"{1 + way} 0 1"],
    ]
    assert hints == ([0, 2] if way > 0 else [0]) and left == 0 and not refused and not elsewhere
