"""What every template may ask for: the site's name and address, and the links of its frame."""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def site(request):
    """Add SITE_NAME, SITE_URL, DEMO, `home` (this language's first page), `menu` and `foot` to a template's context.

    menu  the links of the header: dicts of url, label, current
    foot  the groups of the footer: dicts of title and links, each a pair of url and label
    """
    home = f"/{get_language()}/"
    menu = [
        {"url": home + path, "label": label, "current": request.path.startswith(home + path)}
        for path, label in (
            ("campaigns/", _("Campaigns")),
            ("companies/", _("Companies")),
            ("about/method/", _("How we work")),
            ("search/", _("Search")),
        )
    ]
    foot = [
        {
            "title": _("About"),
            "links": [
                (home + "about/method/", _("How we work")),
                (home + "about/labels/", _("What the labels mean")),
            ],
        },
        {
            "title": _("For companies"),
            "links": [(home + "about/companies/", _("Is this about your company?"))],
        },
        {
            "title": _("This site"),
            "links": [
                (home + "about/accessibility/", _("Accessibility")),
                (home + "about/privacy/", _("Privacy")),
            ],
        },
    ]
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "DEMO": settings.DEMO,
        "home": home,
        "menu": menu,
        "foot": foot,
    }
