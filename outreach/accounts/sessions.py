"""How long a signed-in browser stays so: 8 hours without a page of the desk, 24 hours at most. Real times."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from ..middleware import STAFF

LONGEST = timedelta(hours=24)
SAID_AGAIN = timedelta(minutes=10)  # how exactly the last visit is known; each saying is a write
BEGAN, SEEN = "began", "seen"  # seconds since 1970


def real_now():
    return datetime.now(UTC)


@receiver(user_logged_in)
def begin(sender, request, user, **kwargs):
    request.session[BEGAN] = request.session[SEEN] = real_now().timestamp()


def sessions_end(get_response):
    """Middleware: end a session that has lasted too long, and put off the end of one that is in use.

    Public pages are left alone: to look into a session there would mark them as private.
    """

    def middleware(request):
        if request.path.startswith(STAFF) and BEGAN in request.session:
            now = real_now().timestamp()
            if now - request.session[BEGAN] >= LONGEST.total_seconds():
                logout(request)
            elif now - request.session[SEEN] >= SAID_AGAIN.total_seconds():
                request.session[SEEN] = now  # saved with a new end, SESSION_COOKIE_AGE from now
        return get_response(request)

    return middleware
