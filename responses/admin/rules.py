"""Whoever may not publish changes nothing that readers see, or have seen."""

from ..models import Publication

MAY_PUBLISH = "responses.publish_response"
SEEN = (Publication.PUBLISHED, Publication.EMBARGOED, Publication.WITHHELD)


class Reviewed:
    """Mixed into a ModelAdmin of a response, or of what belongs to one."""

    def response_of(self, obj):
        return obj.response

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    def _may_touch(self, request, obj):
        return obj is None or request.user.has_perm(MAY_PUBLISH) or self.response_of(obj).publication not in SEEN


class ReviewedInline(Reviewed):
    """The same inside the response's own page: an inline is asked about its parent."""

    def response_of(self, obj):
        return obj

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and self._may_touch(request, obj)
