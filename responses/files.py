"""The files of public responses."""

from .models import Document, Response


def find(public_id, pk, now):
    """Return the checked Document `pk` of the public response, or None."""
    public = Response.objects.public(now).filter(public_id=public_id)
    return Document.objects.filter(pk=pk, response__in=public, checked_at__isnull=False).first()
