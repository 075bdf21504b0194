"""The crispy template pack: hints, errors and groups are tied to their inputs by ids that exist."""

import re

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms


class Reply(forms.Form):
    received = forms.DateField(
        help_text="For example 9 August 2022.", error_messages={"required": "Enter the date the reply was received"}
    )
    channel = forms.ChoiceField(choices=[("", "Choose"), ("email", "E-mail")], required=False)
    status = forms.ChoiceField(
        choices=[("responded", "Responded"), ("partial", "Partial response")], widget=forms.RadioSelect
    )
    checked = forms.BooleanField(label="I checked it")
    mail = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset("What came", Row("received", "channel"), "status"),
            "checked",
            "mail",
            Submit("save", "Save the reply"),
        )


@pytest.fixture
def refused():
    return render_crispy_form(Reply({}))


def test_everything_named_by_aria_exists(refused):
    named = set(" ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', refused)).split())
    ids = set(re.findall(r'\bid="([^"]+)"', refused))
    assert {"id_received_helptext", "id_received_error", "id_status_error"} <= named
    assert named <= ids


def test_hint_and_error_stand_before_the_input(refused):
    places = [refused.index(f'id="id_received{part}"') for part in ("_helptext", "_error", "")]
    assert places == sorted(places)


def test_an_input_that_is_wrong_says_so(refused):
    assert re.search(r'<input[^>]*name="received"[^>]*aria-invalid="true"', refused)


def test_the_summary_comes_first_and_leads_to_each_field(refused):
    assert refused.index("There is a problem") < refused.index('name="received"')
    targets = re.findall(r'<li><a href="#([^"]+)"', refused)
    assert targets == ["id_received", "id_status_0", "id_checked"]
    assert set(targets) <= set(re.findall(r'\bid="([^"]+)"', refused))


def test_choices_to_tick_are_a_fieldset_with_a_legend(refused):
    group = re.search(r'<fieldset class="field" id="div_id_status".*?</fieldset>', refused, re.DOTALL)[0]
    assert "<legend>Status" in group
    assert group.count('type="radio"') == 2


def test_a_form_without_errors_has_no_summary_and_marks_what_is_optional():
    page = render_crispy_form(Reply())
    assert "There is a problem" not in page
    assert page.count("(optional)") == 1
    assert 'value="Save the reply" class="btn btn-primary' in page
