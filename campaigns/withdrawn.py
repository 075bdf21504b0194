"""What a withdrawn campaign may still say: when, and why."""

from .models import Campaign


def find(slug):
    """Return the campaign with this address where it was public and somebody withdrew it, else None."""
    gone = Campaign.objects.filter(slug=slug, withdrawn_at__isnull=False).first()
    if gone and gone.published_at and gone.published_at <= gone.withdrawn_at:
        return gone
    return None
