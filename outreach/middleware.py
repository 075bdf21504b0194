"""Headers that make hostile content inert and keep private pages out of caches."""

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
STAFF = "/admin/"


def content_security_policy(get_response):
    """Set Content-Security-Policy and Permissions-Policy on every answer that has not set stricter ones itself."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return middleware


def staff_pages_are_not_stored(get_response):
    """Forbid browsers and proxies to keep what members of staff see: it is gone when they sign out."""

    def middleware(request):
        response = get_response(request)
        if request.path.startswith(STAFF):
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware
