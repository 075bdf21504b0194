"""The words of the pages that explain the site; their texts are in templates/about/."""

from django.utils.translation import gettext_lazy as _

PAGES = {  # slug: (title, description)
    "method": (_("How we work"), _("How companies are asked, how their answers are counted, and what is published.")),
    "labels": (
        _("What the labels mean"),
        _("Each company in a campaign has one label. It says what came back, not how good it was."),
    ),
    "companies": (
        _("Is this about your company?"),
        _("You can respond, add a document or ask for a correction at any time."),
    ),
    "accessibility": (_("Accessibility"), _("These pages are made for everybody who wants to read them.")),
    "privacy": (_("Privacy"), _("What this site knows about its readers, and about the people it writes to.")),
}
MEANINGS = {  # key of campaigns.labels.WORDS: what it says
    "responded": _("The company sent an answer, pointed to its public reports, or another company answered for it."),
    "partial": _("The answer covers only some of the questions, or is a general statement."),
    "declined": _("The company said that it will not answer, or that the questions do not concern it."),
    "silent": _("The campaign is closed and the company sent no answer."),
    "awaiting": _("The company was asked and the campaign is still open, or its closing is being checked."),
    "unreached": _("No address worked. The company is not part of the rate."),
    "unasked": _("The company is on the list and was not asked. The page says why."),
    "planned": _("The company will be asked. It is not part of the rate yet."),
}
