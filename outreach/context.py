"""What every template may ask for: the site's name and address, and the links of its frame."""

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from responses.desk.my_work import count_in_bar


def site(request):
    """Add SITE_NAME, SITE_URL, DEMO, `home` (this language's first page) and three menus to a template's context.

    menu        the links of the header: dicts of url, label, current
    staff_menu  those of the staff's bar, see staff_menu()
    foot        the groups of the footer: dicts of title and links, each a pair of url and label
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
        "staff_menu": SimpleLazyObject(lambda: staff_menu(request)),
        "foot": foot,
    }


def staff_menu(request):
    """Return the links of the staff's bar that the person may follow: dicts of url, label, current and perhaps count.

    current  "page" on the page itself, "true" below it, else ""
    """
    user, here = request.user, request.path
    links = [
        (reverse("admin:index"), _("My work"), "", ()),
        (reverse("admin:campaigns_campaign_changelist"), _("Campaigns"), "campaigns.view_campaign", ["campaigns/"]),
        (reverse("admin:companies_company_changelist"), _("Companies"), "companies.view_company", ["companies/"]),
        (reverse("mail_ledger"), _("Ledger"), "correspondence.view_message", ["mail/ledger/"]),
        (reverse("mail_control"), _("Outgoing mail"), "correspondence.view_control", ["mail/"]),
        (reverse("records"), _("All records"), "", ["records/", "auth/", "correspondence/", "responses/response/"]),
    ]
    home = reverse("admin:index")
    below = [(len(part), url) for url, _name, _may, parts in links for part in parts if here.startswith(home + part)]
    nearest = max(below, default=(0, ""))[1]
    menu = [
        {"url": url, "label": label, "current": "page" if url == here else "true" if url == nearest else ""}
        for url, label, may, _parts in links
        if not may or user.has_perm(may)
    ]
    menu[0]["count"] = count_in_bar(request)
    return menu
