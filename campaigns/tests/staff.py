"""Members of staff for tests, signed in over https as on a real site."""

from django.contrib.auth.models import Group
from django.test import Client

from campaigns.models import Membership

from .make import make_user


def make_staff(role=None, *campaigns, **values):
    """A member of staff in the role of that name (roles.RESEARCHER ...), on the team of the campaigns."""
    user = make_user(is_staff=True, **values)
    if role:
        user.groups.add(Group.objects.get(name=role))
    for campaign in campaigns:
        Membership.objects.create(campaign=campaign, user=user)
    return user


class SecureClient(Client):
    def generic(self, *args, **kwargs):
        return super().generic(*args, **{**kwargs, "secure": True})

    def request(self, **request):
        return super().request(**{**request, "wsgi.url_scheme": "https"})


def signed_in(user):
    client = SecureClient()
    client.force_login(user)
    return client


def problems(page):
    """Return the messages that the page after an act shows."""
    return [str(message) for message in page.context["messages"]]
