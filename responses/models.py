"""What came back. A response's words are kept as they came; what of it is public is a switch of its own."""

import hashlib
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import days
from campaigns.models import Approach
from campaigns.tokens import new_id


class Publication(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHHELD = "withheld", _("Withheld")
    EMBARGOED = "embargoed", _("Embargoed")


class Coded(models.TextChoices):
    """What a coder judged about one answer; it does not say whether the answer is true."""

    ANSWERED = "answered", _("Answered")
    PARTLY = "partly", _("Partly answered")
    NOT_ANSWERED = "not_answered", _("Not answered")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


def shown(now):
    """What a public campaign shows of its responses: those published, or embargoed past their day."""
    return Q(publication=Publication.PUBLISHED) | Q(publication=Publication.EMBARGOED, embargo_at__lte=now)


class ResponseQuerySet(models.QuerySet):
    def public(self, now):
        """Those shown, of a public approach."""
        return self.filter(shown(now), approach__in=Approach.objects.public(now))


class Response(models.Model):
    """One reply of a company (or a rejoinder to it), in full. Its home approach decides whether it is public."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        REJOINDER = "rejoinder", _("Rejoinder")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    approach = models.ForeignKey(Approach, models.PROTECT, related_name="responses", verbose_name=_("approach"))
    covers = models.ManyToManyField(
        Approach,
        blank=True,
        related_name="covered_by",
        verbose_name=_("also answers for"),
        help_text=_("Of this campaign."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.REPLY)
    position = models.PositiveIntegerField(default=0)  # a rejoinder belongs to the nearest reply above it
    author = models.CharField(_("author"), max_length=300, blank=True, help_text=_("If not the company itself."))
    received_on = models.DateField(_("received on"), null=True, blank=True)
    received_stated = models.CharField(max_length=10, blank=True)
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    text = models.TextField(_("text in full"), blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    publication = models.CharField(_("publication"), max_length=10, choices=Publication, default=Publication.DRAFT)
    withheld_because = models.TextField(_("why it is withheld"), blank=True, help_text=_("Public."))
    embargo_until = models.DateField(_("embargoed until"), null=True, blank=True)
    embargo_stated = models.CharField(max_length=10, blank=True, editable=False)
    embargo_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_public_at = models.DateTimeField(null=True, blank=True, editable=False)  # withheld later: 410, not 404
    withheld_at = models.DateTimeField(null=True, blank=True, editable=False)
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    logged_at = models.DateTimeField(editable=False)
    edited_at = models.DateTimeField(auto_now=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["approach", "position", "id"]
        verbose_name, verbose_name_plural = _("response"), _("responses")
        permissions = [("publish_response", _("Can publish and withhold responses"))]
        constraints = [
            models.CheckConstraint(condition=Q(publication__in=Publication.values), name="publication_is_known"),
            models.CheckConstraint(
                condition=~Q(publication="withheld") | ~Q(withheld_because=""), name="what_is_withheld_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(publication="embargoed") | Q(embargo_at__isnull=False), name="an_embargo_has_its_day"
            ),
            models.CheckConstraint(
                condition=Q(received_on=None, received_stated="") | (~Q(received_on=None) & ~Q(received_stated="")),
                name="response_day_is_stated",
            ),
        ]

    def __str__(self):
        return f"{self.author or self.approach.listed_as}, {self.received_stated or self.public_id}"

    def get_absolute_url(self):
        return reverse("response", args=[self.public_id])

    @property
    def sha256(self):
        """Of the original text, so that a reader can tell that nothing was changed."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def clean(self):
        if self.pk and self.first_public_at:
            before = Response.objects.filter(pk=self.pk).values_list("text", flat=True).first()
            if before not in (None, self.text):
                raise ValidationError(
                    {"text": _("This text was public. Mark a removal, or withhold it with a reason.")}
                )
        if self.publication == Publication.WITHHELD and not self.withheld_because:
            raise ValidationError({"withheld_because": _("Say why; readers see it.")})
        if self.publication == Publication.EMBARGOED and not self.embargo_until:
            raise ValidationError({"embargo_until": _("Enter the day until which it is embargoed.")})

    def save(self, *args, **kwargs):
        """Keep instants true to their days."""
        zone = self.approach.campaign.time_zone
        self.embargo_at = self.embargo_until and days.start(self.embargo_until, zone)
        self.received_stated = days.restated(self.received_on, self.received_stated)
        self.embargo_stated = days.restated(self.embargo_until, self.embargo_stated)
        super().save(*args, **kwargs)


class ResponseTranslation(models.Model):
    """A response in another language, labelled by who made it; it may also carry the withheld reason alone."""

    class Label(models.TextChoices):
        OFFICIAL = "official", _("Official translation")
        UNOFFICIAL = "unofficial", _("Unofficial translation")
        MACHINE = "machine", _("Machine translation")

    response = models.ForeignKey(Response, models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=10)
    label = models.CharField(_("made by"), max_length=10, choices=Label, blank=True)
    text = models.TextField(_("text"), blank=True)
    withheld_because = models.TextField(_("why it is withheld"), blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("translation"), _("translations")
        constraints = [
            models.UniqueConstraint(fields=["response", "language", "label"], name="response_translated_once"),
            models.CheckConstraint(
                condition=~Q(label="") | ~Q(withheld_because=""), name="translation_says_who_made_it"
            ),
        ]

    def __str__(self):
        return f"{self.language} {self.label}"


class Redaction(models.Model):
    """A passage of the original that readers see as a label, such as "telephone number removed"."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="redactions")
    start = models.PositiveIntegerField(_("from"))  # code points of the original, end excluded
    end = models.PositiveIntegerField(_("to"))
    label = models.CharField(_("what stands instead"), max_length=100)

    class Meta:
        ordering = ["start"]
        verbose_name, verbose_name_plural = _("removal"), _("removals")
        constraints = [models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="redaction_has_a_length")]

    def __str__(self):
        return self.label


class Answer(models.Model):
    """What a response says about one question; the text may be empty where only the judgement is known."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question = models.ForeignKey(
        "campaigns.Question", models.PROTECT, related_name="answers", verbose_name=_("question")
    )
    text = models.TextField(_("text"), blank=True)
    agreed = models.CharField(_("agreed code"), max_length=20, choices=Coded, blank=True)  # blank: not yet coded
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("answer"), _("answers")
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="answered_once"),
        ]

    def __str__(self):
        return f"{self.question.number}: {self.text[:60]}"


class Passage(models.Model):
    """Where an answer's words stand in the original: code points, end excluded."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="passages")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        ordering = ["start"]
        constraints = [models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="passage_has_a_length")]

    def __str__(self):
        return f"{self.start} to {self.end}"


class Coding(models.Model):
    """One coder's judgement of one answer, made without seeing another's."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="codings")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("coder"))
    code = models.CharField(_("code"), max_length=20, choices=Coded)
    remark = models.TextField(_("private remark"), blank=True)
    at = models.DateTimeField(_("coded"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("coding"), _("codings")
        constraints = [models.UniqueConstraint(fields=["answer", "coder"], name="coded_once_each")]

    def __str__(self):
        return f"{self.coder}: {self.code}"


def _document_path(document, name):
    return f"documents/{document.id.hex}"  # the name that was sent is never a path


class Document(models.Model):
    """A file that came with a response; public only after a person has checked it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="documents")
    file = models.FileField(_("file"), upload_to=_document_path)
    name = models.CharField(_("name"), max_length=200)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)  # bytes
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    text = models.TextField(_("text version"), blank=True)
    checked_at = models.DateTimeField(_("checked for publication"), null=True, blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("document"), _("documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None) | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="a_check_has_its_person",
            )
        ]

    def __str__(self):
        return self.name
