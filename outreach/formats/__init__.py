"""How the site writes dates: day first in every language, and Portuguese months in lower case as in a sentence."""

from django.utils.translation import gettext_noop

# Django has these words; naming them here keeps them in our catalogues, where Portuguese writes "julho", not "Julho".
MONTHS = [
    gettext_noop("January"),
    gettext_noop("February"),
    gettext_noop("March"),
    gettext_noop("April"),
    gettext_noop("May"),
    gettext_noop("June"),
    gettext_noop("July"),
    gettext_noop("August"),
    gettext_noop("September"),
    gettext_noop("October"),
    gettext_noop("November"),
    gettext_noop("December"),
]
