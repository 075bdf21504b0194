"""The ledger of mail, read only; the wordings; erasing a contact. Sending has pages of its own (desk/)."""

import json
import re
from email import message_from_bytes, policy

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.admin.acts import Act, Acts
from campaigns.admin.versions import Versioned
from campaigns.forms import VersionedForm
from campaigns.models import Approach
from campaigns.roles import Own
from companies.admin import ContactAdmin
from companies.languages import LanguageChoices
from companies.models import Company, Contact

from . import reply_links, wording
from .erase import StillLeaving, erase_contact
from .models import Batch, Control, Message, Recipient, ReplyLink, Wording


class ReadOnly:
    """Mixed into a ModelAdmin or an inline: it is looked at, and changed elsewhere or never."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class WordingForm(VersionedForm):
    def clean(self):
        """A field that nobody can fill would block every mail: say so while it is written."""
        cleaned = super().clean()
        for name in ("subject", "body"):
            if unknown := wording.unknown_fields(cleaned.get(name, "")):
                text = gettext("This field does not exist: %(fields)s.")
                self.add_error(name, text % {"fields": ", ".join(unknown)})
        return cleaned


@admin.register(Wording)
class WordingAdmin(Versioned, LanguageChoices, Own, admin.ModelAdmin):
    form = WordingForm
    list_display = ["__str__", "campaign", "subject", "edited_at"]
    list_filter = [("campaign", admin.RelatedOnlyFieldListFilter), "kind", "language"]
    list_select_related = ["campaign"]
    search_fields = ["subject", "body", "campaign__title"]
    search_help_text = _("Words of a letter, or title of the campaign")
    autocomplete_fields = ["campaign"]

    def get_fieldsets(self, request, obj=None):
        groups = [(None, {"fields": ["campaign", "kind", "language", "subject", "body"]})]
        return self.with_version(request, obj, groups)

    def get_readonly_fields(self, request, obj=None):
        return ["campaign"] if obj else []


class RecipientInline(ReadOnly, admin.TabularInline):
    model = Recipient
    fields = ["use", "address", "contact", "result", "last_code", "last_text", "at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("contact")


class ReplyLinkInline(ReadOnly, admin.TabularInline):
    model = ReplyLink
    fields = ["revoked_at"]


def revoked(message, data, *, by, now):
    if not ReplyLink.objects.filter(message=message, revoked_at=None).update(revoked_at=now):
        raise ValidationError(gettext("%(mail)s has no reply link that works.") % {"mail": message})
    return gettext("The reply link of %(mail)s no longer works.") % {"mail": message}


@admin.register(Message)
class MessageAdmin(ReadOnly, Acts, Own, admin.ModelAdmin):
    """What travelled. The secret in a mail's reply link is shown to nobody."""

    campaign_path = "approach__campaign"
    acts = [
        Act(
            "revoke",
            _("Revoke the reply link"),
            ngettext_lazy("Revoke %(number)d reply link", "Revoke %(number)d reply links", "number"),
            revoked,
            permission="campaigns.send_mail",
            help=_("Whoever opens the link then learns only that it does not work."),
            fits=lambda message: hasattr(message, "reply_link") and not message.reply_link.revoked_at,
        )
    ]
    change_form_template = "admin/campaigns/approach/change_form.html"
    list_display = ["subject", "company", "kind", "language", "state", "not_before", "sent_at", "bounced_at"]
    list_filter = [("approach__campaign", admin.RelatedOnlyFieldListFilter), "state", "kind", "language"]
    list_select_related = ["approach__campaign"]
    list_per_page = 50
    search_fields = ["subject", "approach__listed_as", "recipients__address", "message_id"]
    search_help_text = _("Subject, company, address or Message-ID")
    inlines = [RecipientInline, ReplyLinkInline]
    fields = [
        "approach",
        ("state", "stop_reason"),
        ("kind", "language", "step"),
        ("resend_no", "resend_reason"),
        "batch",
        ("created_at", "not_before", "sent_at", "bounced_at"),
        ("attempts", "last_code", "last_text"),
        ("message_id", "sha256"),
        "head",
        "words",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("mime")

    @admin.display(description=_("company"), ordering="approach__listed_as")
    def company(self, message):
        return message.approach.listed_as if message.approach else ""

    @admin.display(description=_("head"))
    def head(self, message):
        names = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID")
        mail = _parsed(message)
        lines = [f"{name}: {mail[name]}" for name in names if mail and mail[name]]
        return format_html('<pre class="mail-words" dir="auto">{}</pre>', "\n".join(lines))

    @admin.display(description=_("words"))
    def words(self, message):
        mail = _parsed(message)
        body = mail.get_body(preferencelist=("plain",)) if mail else None
        text = reply_links.mask(body.get_content()) if body else gettext("The words were erased.")
        return format_html('<pre class="mail-words" dir="auto">{}</pre>', text)


def _parsed(message):
    """Return the frozen mail, or None where a contact was erased and its words with it."""
    return message_from_bytes(bytes(message.mime), policy=policy.default) if message.mime else None


@admin.register(Batch)
class BatchAdmin(ReadOnly, Own, admin.ModelAdmin):
    """Approvals: who sent what set of mails, and what was taken back."""

    list_display = ["approved_at", "asked_in", "approved_by", "undone_at", "undone_count"]
    list_filter = [("campaign", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["campaign", "approved_by"]
    fields = ["campaign", "approved_by", "approved_at", "set_hash", "undone_at", "undone_count"]

    @admin.display(description=_("campaign"))
    def asked_in(self, batch):
        return Truncator(batch.campaign).chars(60)


@admin.register(Control)
class ControlAdmin(ReadOnly, admin.ModelAdmin):
    """Whether mail leaves; it is held and released on the page of mail."""

    list_display = ["__str__", "held_at", "held_because", "last_seen_at", "page"]
    fields = ["held_at", "held_because", "held_by", "last_tick_at", "last_seen_at", "page"]
    readonly_fields = ["page"]

    @admin.display(description=_("hold or release"))
    def page(self, control):
        return format_html('<a href="{}">{}</a>', reverse("mail_control"), _("The page of mail"))


def erased(contact, data, *, by, now):
    known = [word for word in (contact.name, contact.email) if word.strip()]
    try:
        fresh = erase_contact(contact, by, now)
    except StillLeaving as error:
        raise ValidationError(str(error)) from error
    _forget_in_log(contact, known)
    if fresh:
        return gettext("Erased. %(number)d mails to its colleagues wait for approval.") % {"number": len(fresh)}
    return gettext("Erased: the address, and the words of every mail to it.")


def _forget_in_log(contact, words):
    """Where the log of the contact, its company and its approaches names it, that becomes a dash."""
    if not words:
        return
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    known = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)
    approaches = Approach.objects.filter(company=contact.company_id).values_list("pk", flat=True)
    about = {Contact: [contact.pk], Company: [contact.company_id], Approach: approaches}
    for model, keys in about.items():
        kind = ContentType.objects.get_for_model(model)
        for entry in LogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys]):
            if model is Contact:  # the others are called after the company
                entry.object_repr = known.sub("–", entry.object_repr)
            entry.change_message = _without(known, entry.change_message)
            entry.save(update_fields=["object_repr", "change_message"])


def _without(known, message):
    """Return a change message, a sentence or Django's JSON, without the words."""
    if not message.startswith("["):
        return known.sub("–", message)
    return json.dumps(json.loads(message, object_hook=lambda facts: _each(known, facts)))


def _each(known, facts):
    return {name: known.sub("–", value) if isinstance(value, str) else value for name, value in facts.items()}


admin.site.unregister(Contact)


@admin.register(Contact)
class ErasableContactAdmin(Acts, ContactAdmin):
    """A contact with the act of erasing, which has to look into the mail."""

    change_form_template = "admin/campaigns/approach/change_form.html"
    acts = [
        Act(
            "erase",
            _("Erase this person's data"),
            ngettext_lazy("Erase %(number)d contact", "Erase %(number)d contacts", "number"),
            erased,
            permission="companies.delete_contact",
            help=_("This cannot be undone. That a mail went, and when, stays on record; its words and address do not."),
            fits=lambda contact: not contact.erased_at,
        )
    ]

    def has_delete_permission(self, request, obj=None):
        """A contact is erased, never deleted: the record of what was sent names it."""
        return False
