"""Answers and files by themselves: to search them, to code them, to look at a file."""

from django.contrib import admin
from django.http import FileResponse, Http404
from django.urls import path
from django.utils.translation import gettext_lazy as _

from campaigns import clock
from campaigns.forms import VersionedForm
from campaigns.roles import Own
from companies.languages import LanguageChoices

from .. import entry, publication, uploads
from ..models import Answer, Coding, Document
from .inlines import DocumentForm, download_link
from .rules import MAY_PUBLISH, Reviewed


class CodingInline(admin.TabularInline):
    """Who judged what: for those who decide between coders."""

    model = Coding
    fields = readonly_fields = ["coder", "code", "remark", "at"]
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("coder")

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(MAY_PUBLISH)

    def has_change_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Answer)
class AnswerAdmin(Reviewed, Own, admin.ModelAdmin):
    campaign_path = "response__approach__campaign"
    form = VersionedForm
    list_display = ["__str__", "company", "campaign", "agreed", "publication"]
    list_filter = [
        "agreed",
        ("response__approach__campaign", admin.RelatedOnlyFieldListFilter),
        "response__publication",
    ]
    list_select_related = ["question", "response__approach__campaign"]
    list_per_page = 50
    search_fields = ["text", "question__number", "question__text", "response__approach__listed_as"]
    search_help_text = _("Company, question or words of the answer")
    fields = ["response", "question", "text", "agreed"]
    readonly_fields = ["response", "question"]
    inlines = [CodingInline]

    def has_add_permission(self, request):
        """Answers are added on the page of their response."""
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        entry.anchor(obj)

    @admin.display(description=_("company"), ordering="response__approach__listed_as")
    def company(self, answer):
        return answer.response.approach.listed_as

    @admin.display(description=_("campaign"))
    def campaign(self, answer):
        return answer.response.approach.campaign

    @admin.display(description=_("publication"), ordering="response__publication")
    def publication(self, answer):
        return answer.response.get_publication_display()


class NewDocumentForm(DocumentForm):
    """For a file that is added, and for what is said about one that is there."""

    def clean_file(self):
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            [(name, media_type, _file)] = uploads.FilesField().clean(file)
            self.instance.name, self.instance.media_type = name, media_type
        return file


@admin.register(Document)
class DocumentAdmin(Reviewed, LanguageChoices, Own, admin.ModelAdmin):
    campaign_path = "response__approach__campaign"
    form = NewDocumentForm
    list_display = ["name", "company", "media_type", "size", "checked_at", "checked_by"]
    list_filter = [
        ("checked_at", admin.EmptyFieldListFilter),
        ("response__approach__campaign", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["response__approach__campaign", "checked_by"]
    search_fields = ["name", "response__approach__listed_as"]
    search_help_text = _("Name of the file, or company")
    autocomplete_fields = ["response"]

    def get_fieldsets(self, request, obj=None):
        about = ["language", "pages", "text", "checked"]
        if obj is None:
            return [(None, {"fields": ["response", "file", *about]})]
        facts = ["response", "download", "name", *about, "media_type", "size", "checked_at", "checked_by"]
        return [(None, {"fields": facts})]

    def get_readonly_fields(self, request, obj=None):
        return ["response", "download", "media_type", "size", "checked_at", "checked_by"] if obj else []

    def get_urls(self):
        page = self.admin_site.admin_view(self.file_view)
        return [path("<uuid:pk>/file/", page, name="responses_document_file"), *super().get_urls()]

    def file_view(self, request, pk):
        """Hand the file to staff: never shown by a browser, kept by no cache."""
        document = self.get_queryset(request).filter(pk=pk).first()
        if document is None or not self.has_view_permission(request, document) or not document.file:
            raise Http404
        answer = FileResponse(document.file.open(), as_attachment=True, filename=document.name)
        answer.headers["Content-Type"] = document.media_type or "application/octet-stream"
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return answer

    def save_model(self, request, obj, form, change):
        if not change:
            obj.size, obj.sha256 = obj.file.size, entry.digest(obj.file)
        super().save_model(request, obj, form, change)
        if "checked" in form.changed_data:
            publication.check(obj, request.user if form.cleaned_data["checked"] else None, now=clock.now())

    @admin.display(description=_("file"))
    def download(self, document):
        return download_link(document)

    @admin.display(description=_("company"))
    def company(self, document):
        return document.response.approach.listed_as
