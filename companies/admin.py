"""Companies as the staff keep them. Companies are everybody's; contacts are seen by those who ask the company."""

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from .languages import LanguageChoices
from .models import Affiliation, Alias, Company, Contact, FormerSlug, Sector


class AliasInline(admin.TabularInline):
    model = Alias
    extra = 0
    fields = ["name"]


class FormerSlugInline(admin.TabularInline):
    """Addresses that redirect here: kept by the company itself, shown so that nobody wonders."""

    model = FormerSlug
    fields = readonly_fields = ["slug"]
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


class _OwnContacts(LanguageChoices):
    """Contacts are private: a researcher sees those of companies that a campaign of theirs asks."""

    def get_queryset(self, request):
        return super().get_queryset(request).of(request.user)


class ContactInline(_OwnContacts, admin.StackedInline):
    model = Contact
    extra = 0
    fields = [
        ("name", "role"),
        ("email", "health"),
        ("phone", "web_form"),
        ("language", "time_zone"),
        "found_at",
    ]
    can_delete = False


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ["name", "headquarters", "website"]
    list_filter = ["headquarters", "sectors", "affiliations"]
    list_per_page = 100
    search_fields = ["name", "aliases__name", "lei", "wikidata"]
    search_help_text = _("Name, alias, LEI or Wikidata id")
    autocomplete_fields = ["parent", "sectors", "affiliations"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AliasInline, ContactInline, FormerSlugInline]
    view_on_site = False
    fieldsets = [
        (None, {"fields": ["name", "slug", "headquarters", "sectors", "website", "parent", "affiliations"]}),
        (_("Identifiers"), {"fields": ["lei", "wikidata", "opencorporates"], "classes": ["collapse"]}),
    ]

    def get_inlines(self, request, obj):
        """In a popup, and before the company exists, only what a name needs."""
        return [AliasInline] if obj is None or IS_POPUP_VAR in request.GET else self.inlines

    def construct_change_message(self, request, form, formsets, add=False):
        """Everybody reads a company's history: it says that a contact changed, never whose."""
        message = super().construct_change_message(request, form, formsets, add)
        with translation.override(None):  # as Django writes it
            contact = str(Contact._meta.verbose_name)
        for facts in (facts for one in message for facts in one.values()):
            if facts.get("name") == contact:
                facts["object"] = "–"
        return message

    def lookup_allowed(self, lookup, value, request):
        """Only what the filters offer: no guessing of contacts by their first letters."""
        return lookup.split("__")[0] in self.list_filter and super().lookup_allowed(lookup, value, request)


@admin.register(Contact)
class ContactAdmin(_OwnContacts, admin.ModelAdmin):
    list_display = ["__str__", "company", "role", "email", "language", "health"]
    list_filter = ["health", "language"]
    list_select_related = ["company"]
    search_fields = ["name", "email", "company__name", "company__aliases__name"]
    search_help_text = _("Name, address or company")
    autocomplete_fields = ["company"]
    readonly_fields = ["erased_at"]
    fields = [
        "company",
        ("name", "role"),
        ("email", "health"),
        ("phone", "web_form"),
        ("language", "time_zone"),
        "found_at",
        "erased_at",
    ]

    def get_readonly_fields(self, request, obj=None):
        """A contact stays with its company: mail went to it in that name. An erased one stays blank."""
        if obj and obj.erased_at:
            return [name for group in self.fields for name in ([group] if isinstance(group, str) else group)]
        return [*self.readonly_fields, "company"] if obj else self.readonly_fields

    def lookup_allowed(self, lookup, value, request):
        return lookup.split("__")[0] in self.list_filter and super().lookup_allowed(lookup, value, request)


@admin.register(Sector, Affiliation)
class NameAdmin(admin.ModelAdmin):
    search_fields = ["name"]
    fields = ["name"]
