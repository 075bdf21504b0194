import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from .wording import WordingKind


class State(models.TextChoices):
    """docs/reliability.md draws who may go where. The last two stand outside the outbox."""

    PROPOSED = "proposed", _("Waits for approval")
    QUEUED = "queued", _("Queued")
    LEASED = "leased", _("About to leave")
    DATA = "data", _("Leaving")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("May have been sent")
    RECEIVED = "received", _("Received")
    LOGGED = "logged", _("Logged by hand")


OUTBOX = (
    State.PROPOSED,
    State.QUEUED,
    State.LEASED,
    State.DATA,
    State.SENT,
    State.FAILED,
    State.CANCELLED,
    State.UNKNOWN,
)
OWNED = (State.LEASED, State.DATA)
RETURNED_OR_REFUSED = ("refused", "returned", "temporary")  # results of a recipient whom a mail did not reach


class Message(models.Model):
    """One letter, mail or call, in or out. What leaves is frozen when proposed or queued: `mime` is what travels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    approach = models.ForeignKey(
        "campaigns.Approach", models.PROTECT, null=True, blank=True, related_name="messages", verbose_name=_("approach")
    )  # null: mail to staff, tests, and what came in and matches nothing
    letter = models.ForeignKey(
        "correspondence.Letter", models.PROTECT, null=True, blank=True, related_name="messages", editable=False
    )  # for the kind LETTER
    batch = models.ForeignKey("correspondence.Batch", models.PROTECT, null=True, blank=True, related_name="messages")
    step = models.CharField(_("step"), max_length=50)  # decisions 10: invitation, reminder:<uuid>, test:<uuid> ...
    resend_no = models.PositiveSmallIntegerField(_("resend"), default=0)
    resend_reason = models.TextField(_("why it is sent again"), blank=True)
    kind = models.CharField(_("wording"), max_length=12, choices=WordingKind, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    mime = models.BinaryField(editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    merged_hash = models.CharField(max_length=64, blank=True, editable=False)  # of what it says, see merged.py
    domain = models.CharField(max_length=255, blank=True, editable=False)  # of the first recipient
    message_id = models.CharField(max_length=998, blank=True, db_index=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)  # real time, never the demo's
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    last_code = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True, editable=False)
    last_text = models.CharField(_("last answer"), max_length=500, blank=True, editable=False)
    data_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True, editable=False)
    leaves_until = models.DateTimeField(null=True, blank=True, editable=False)  # end of its send window; null: any time
    stop_reason = models.CharField(_("why it waits or stopped"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"), editable=False)

    class Meta:
        ordering = ["-created_at", "id"]
        verbose_name, verbose_name_plural = _("message"), _("messages")
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["leased", "data"]), name="message_leased"),
            models.Index(fields=["state", "approach"], name="message_state"),
            models.Index(fields=["-created_at", "id"], name="message_newest"),  # these three: pages of the ledger
            models.Index(fields=["kind", "-created_at", "id"], name="message_of_kind"),
            models.Index(fields=["language", "-created_at", "id"], name="message_in_language"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["approach", "step", "resend_no"], name="one_step_one_mail"),
            models.UniqueConstraint(
                fields=["step", "resend_no"], condition=Q(approach=None), name="one_step_one_mail_to_staff"
            ),
            # Ours are unique; what comes in may repeat one of ours or another's, forged or filed twice.
            models.UniqueConstraint(
                fields=["message_id"],
                condition=Q(state__in=[str(state) for state in OUTBOX]),
                name="our_message_id_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in OUTBOX]) | ~Q(message_id=""), name="our_mail_has_its_id"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(condition=~Q(step=""), name="message_has_a_step"),
            models.CheckConstraint(
                condition=(Q(kind="letter") & ~Q(letter=None)) | (~Q(kind="letter") & Q(letter=None)),
                name="only_a_single_letter_has_its_text",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OWNED, lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state__in=OWNED) & Q(lease_token=None, lease_until=None)),
                name="only_the_leased_have_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["data", "sent"]) | ~Q(data_at=None), name="what_was_sent_passed_the_point"
            ),
            models.CheckConstraint(condition=~Q(state="sent") | ~Q(sent_at=None), name="what_was_sent_has_its_instant"),
            models.CheckConstraint(
                condition=~Q(state="queued") | ~Q(not_before=None), name="what_is_queued_has_its_instant"
            ),
            models.CheckConstraint(condition=Q(resend_no=0) | ~Q(resend_reason=""), name="a_resend_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.subject} ({self.get_state_display()})"


class Recipient(models.Model):
    """One address of a message, with what the mail server said of it."""

    class Result(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        RETURNED = "returned", _("Came back")
        TEMPORARY = "temporary", _("Could not be delivered in time")

    class Use(models.TextChoices):
        TO = "to", _("To")
        CC = "cc", _("Copy")

    message = models.ForeignKey(Message, models.CASCADE, related_name="recipients")
    contact = models.ForeignKey(
        "companies.Contact", models.PROTECT, null=True, blank=True, related_name="received", verbose_name=_("contact")
    )  # null: mail to staff
    use = models.CharField(_("use"), max_length=2, choices=Use, default=Use.TO)
    address = models.EmailField(_("address"), blank=True)  # blank once its contact was erased
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(null=True, blank=True)  # of the result

    class Meta:
        ordering = ["-use", "id"]  # to before cc
        verbose_name, verbose_name_plural = _("recipient"), _("recipients")
        indexes = [
            models.Index(fields=["contact", "at"], name="recipient_recent"),
            models.Index(Upper("address"), name="recipient_address"),
            models.Index(
                fields=["result", "message"], condition=Q(result__in=RETURNED_OR_REFUSED), name="recipient_in_trouble"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "address"], condition=~Q(address=""), name="written_to_once")
        ]

    def __str__(self):
        return self.address


class ReplyLink(models.Model):
    """The secret address in one message, as a hash. It ends 90 days after the close, and can be revoked."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="reply_link")
    digest = models.CharField(max_length=64, unique=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("reply link"), _("reply links")

    def __str__(self):
        return str(self.message_id)
