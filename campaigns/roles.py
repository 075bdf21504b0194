"""Who may do what: three roles, their permissions, and the rule that researchers see and change only their campaigns.

Roles are Django groups. write() makes them as they stand here after every migrate; a team that wants another mixture
makes a group of its own beside them. Superusers may do everything.
"""

from django.apps import apps as installed
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from .models import Campaign

RESEARCHER, REVIEWER, LEAD = "Researcher", "Reviewer", "Campaign lead"

_KEEP = ("add", "change", "view")
_ALL = ("add", "change", "delete", "view")
_SEE = ("view",)


def _on(app, verbs, *models):
    return {f"{app}.{verb}_{model}" for verb in verbs for model in models}


_RESEARCHER = (
    _on("companies", _KEEP, "company", "contact", "sector", "affiliation")
    | _on("companies", _ALL, "alias")
    | _on("companies", _SEE, "formerslug")
    | _on("campaigns", ("change", "view"), "campaign")
    | _on("campaigns", _KEEP, "topic")
    | _on("campaigns", _ALL, "approach", "asker", "campaigntopic", "chosencontact", "finding", "question")
    | _on("campaigns", _ALL, "reminderstep", "timelineentry", "translation")
    | _on("campaigns", _KEEP, "spreadsheetimport")
    | _on("campaigns", _SEE, "event", "membership")
    | _on("correspondence", _ALL, "wording", "attachment")
    | _on("correspondence", ("add", "view"), "letter", "byhand")
    | _on("correspondence", _SEE, "allowance", "batch", "control", "message", "recipient", "replylink")
    | _on("responses", _KEEP, "response", "document")
    | _on("responses", _ALL, "answer", "coding", "passage", "redaction", "responsetranslation")
)
_REVIEWER = _RESEARCHER | {"campaigns.see_all_campaigns", "responses.publish_response"}
_LEAD = (
    _REVIEWER
    | {f"campaigns.{verb}" for verb in ("send_mail", "close_campaign", "publish_campaign", "import_campaign")}
    | {"campaigns.export_contacts", "campaigns.add_campaign", "correspondence.change_control"}
    | _on("campaigns", _ALL, "membership", "topic")
    | _on("companies", ("delete",), "company", "contact", "sector", "affiliation")
    | _on("responses", ("delete",), "response", "document")
)
GRANTS = {RESEARCHER: _RESEARCHER, REVIEWER: _REVIEWER, LEAD: _LEAD}


def write(apps=installed, **kwargs):
    """Make the three groups and give each exactly its permissions; a receiver of post_migrate.

    apps  the registry of models as migrated; `flush` sends none
    """
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    known = {
        f"{one.content_type.app_label}.{one.codename}": one for one in permission.objects.select_related("content_type")
    }
    for name, granted in GRANTS.items():
        role, _made = group.objects.get_or_create(name=name)
        role.permissions.set([known[one] for one in sorted(granted) if one in known])


EXPLAINED = {
    RESEARCHER: _("Researcher: works on the campaigns of which the person is a member"),
    REVIEWER: _("Reviewer: sees all campaigns, and publishes responses"),
    LEAD: _("Campaign lead: also sends mail, closes and publishes campaigns, and invites people"),
}
NAMES = {RESEARCHER: _("Researcher"), REVIEWER: _("Reviewer"), LEAD: _("Campaign lead")}


def role_of(user):
    """Return the words for what a person may do here; `user.groups` may be prefetched."""
    if user.is_superuser:
        return str(_("Administrator"))
    names = [str(NAMES.get(group.name, group.name)) for group in user.groups.all()]
    return ", ".join(names) or str(_("No role"))


def name_of(user):
    """Return a person's name as colleagues know it."""
    return user.get_full_name() or user.get_username()


def introduced(user):
    """Return a person's name and role, as a choice says them."""
    left = "" if user.is_active else ", " + _("has left")
    return f"{name_of(user)} ({role_of(user)}{left})"


def sees_all(user):
    return user.has_perm("campaigns.see_all_campaigns")


def team():
    """Return the people who can be given work; someone who has left stays on what is theirs until it is given away."""
    return get_user_model().objects.filter(is_staff=True).order_by("username")


class OwnChoices:
    """Mixed into a ModelAdmin or an inline: a form offers, and accepts, only what the person may see."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self._rows(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self._rows(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _rows(self, db_field, request):
        """What the admin of the related model would list for this person."""
        related = db_field.remote_field.model
        if related is get_user_model():
            return team()
        if self.admin_site.is_registered(related):
            return self.admin_site.get_model_admin(related).get_queryset(request)
        return related.objects.all()


class Own(OwnChoices):
    """Mixed into a ModelAdmin: its rows are those of the campaigns that the person may see.

    campaign_path  the lookup from the model to its campaign; "pk" on the campaign itself
    """

    campaign_path = "campaign"

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if sees_all(request.user):
            return rows
        return rows.filter(**{f"{self.campaign_path}__in": Campaign.objects.of(request.user)})

    def is_own(self, request, obj):
        """Say whether a row's campaign is one of the person's; asked about no row in particular, yes."""
        if obj is None or sees_all(request.user):
            return True
        if not hasattr(request, "own_campaigns"):  # one query, however often the admin asks
            request.own_campaigns = set(Campaign.objects.of(request.user).values_list("pk", flat=True))
        return self.campaign_id_of(obj) in request.own_campaigns

    def campaign_id_of(self, obj):
        """Return the id of the campaign that a row belongs to, or None."""
        *way, last = self.campaign_path.split("__")
        for name in way:
            if (obj := getattr(obj, name)) is None:
                return None
        return obj.pk if last == "pk" else getattr(obj, f"{last}_id")

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and self.is_own(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.is_own(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.is_own(request, obj)

    def lookup_allowed(self, lookup, value, request):
        """Only what the list's filters offer: any other lookup guesses private text letter by letter."""
        offered = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        offered = [getattr(one, "parameter_name", one) for one in offered]
        named = any(lookup == one or lookup.startswith(f"{one}__") for one in offered)
        return named and super().lookup_allowed(lookup, value, request)
