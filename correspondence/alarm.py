"""The alarm of the nightly check: superusers are written to once about the same differences."""

import hashlib
import json

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Daily

from .staff_mail import compose_staff, in_site_language
from .wording import Blocked

NAMED = 20


def raise_alarm(now):
    """Write to the superusers where the last check found differences that they were not told of."""
    row = Daily.objects.filter(name=Daily.Name.CHECK, number__gt=0).first()
    if row is None:
        return
    mark = hashlib.sha256(json.dumps(row.found).encode()).hexdigest()[:12]
    with in_site_language():
        text = ngettext(
            "%(number)d stored status differs from the record.",
            "%(number)d stored statuses differ from the record.",
            row.number,
        ) % {"number": row.number}
        page = settings.SITE_URL + reverse("differences")
        names = [f"- {name}" for _pk, name in row.found[:NAMED]]
        asked = _("Look at them, and store what the record says: %(address)s") % {"address": page}
        body = "\n".join([text, *names, "", asked, ""])
        for user in get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(email=""):
            try:
                compose_staff(user, f"check:{user.pk}:{mark}", f"{settings.SITE_NAME}: {text}", body, now=now)
            except Blocked:
                continue
