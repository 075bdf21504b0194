"""Change pages that never overwrite silently: the row is locked from reading to saving, and a stale form is refused."""

from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models


class Versioned:
    """Mixed into a ModelAdmin whose form is a VersionedForm."""

    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})}}

    def get_object(self, request, object_id, from_field=None):
        """Lock the row of a page that is about to save: nothing that happens meanwhile may be written over."""
        self_locking = request.method == "POST" and from_field is None
        obj = super().get_object(request, object_id, from_field)
        if obj is None or not self_locking:
            return obj
        return self.model.objects.select_for_update(of=("self",), no_key=True).get(pk=obj.pk)

    def with_version(self, request, obj, groups):
        """Return the field groups of a page with the digest of what it shows, where there is something to save."""
        if obj is None or not self.has_change_permission(request, obj):
            return groups
        (name, options), *rest = groups
        return [(name, {**options, "fields": [*options["fields"], "version"]}), *rest]
