"""Companies and their names are public once a public campaign asks them; contacts are private always."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from .names import fold


def check_lei(text):
    """Refuse what is no Legal Entity Identifier (ISO 17442): 18 characters and two check digits by ISO 7064, 97-10."""
    plain = re.fullmatch("[A-Z0-9]{18}[0-9]{2}", text)
    if not plain or int("".join(str(int(letter, 36)) for letter in text)) % 97 != 1:
        raise ValidationError(_("%(text)s is not an LEI: its check digits do not fit.") % {"text": text})


class Sector(models.Model):
    """A line of business, shared by companies and by the campaigns that look at it."""

    name = models.CharField(_("name"), max_length=100)
    folded = models.CharField(max_length=100, unique=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("sector"), _("sectors")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class Affiliation(models.Model):
    """A group that companies belong to, such as the participants of the UN Global Compact."""

    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("affiliation"), _("affiliations")

    def __str__(self):
        return self.name


class Company(models.Model):
    """One company under the name that this site uses for it. Never deleted once it was approached."""

    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, unique=True, editable=False)  # so that no company is entered twice
    slug = models.SlugField(_("address on the site"), max_length=80, unique=True)
    headquarters = CountryField(_("headquarters"), blank=True)
    sectors = models.ManyToManyField(Sector, blank=True, related_name="companies", verbose_name=_("sectors"))
    website = models.URLField(_("website"), blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subsidiaries", verbose_name=_("parent company")
    )
    affiliations = models.ManyToManyField(Affiliation, blank=True, verbose_name=_("affiliations"))
    lei = models.CharField(_("LEI"), max_length=20, blank=True, validators=[check_lei])
    wikidata = models.CharField(
        _("Wikidata"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^Q[1-9][0-9]*$", _("Enter an id like Q312."))],
    )
    opencorporates = models.CharField(_("OpenCorporates"), max_length=100, blank=True, help_text=_("Like gb/00102498."))

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("company"), _("companies")
        constraints = [
            models.UniqueConstraint(fields=[name], condition=~Q(**{name: ""}), name=f"company_{name}_once")
            for name in ("lei", "wikidata", "opencorporates")
        ] + [models.CheckConstraint(condition=~Q(name=""), name="company_has_a_name")]

    def __str__(self):
        return self.name

    def clean(self):
        self.folded = fold(self.name)
        if owner := Alias.objects.filter(folded=self.folded).exclude(company=self.pk).select_related("company").first():
            raise ValidationError({"name": _("%(company)s is also known by this name.") % {"company": owner.company}})
        if Company.objects.filter(folded=self.folded).exclude(pk=self.pk).exists():
            raise ValidationError({"name": _("This company is already listed.")})
        if FormerSlug.objects.filter(slug=self.slug).exclude(company=self.pk).exists():
            raise ValidationError({"slug": _("Links to another company lead here: choose another address.")})

    def save(self, *args, **kwargs):
        """Keep the folded name true, and remember a slug that is given up: old links redirect (301)."""
        self.folded = fold(self.name)
        before = Company.objects.filter(pk=self.pk).values_list("slug", flat=True).first() if self.pk else None
        super().save(*args, **kwargs)
        if before and before != self.slug:
            FormerSlug.objects.update_or_create(slug=before, defaults={"company": self})
        FormerSlug.objects.filter(slug=self.slug, company=self).delete()


class FormerSlug(models.Model):
    """An address that a company's page once had."""

    slug = models.SlugField(max_length=80, unique=True)
    company = models.ForeignKey(Company, models.CASCADE, related_name="former_slugs")

    class Meta:
        verbose_name, verbose_name_plural = _("former address"), _("former addresses")

    def __str__(self):
        return self.slug


class Alias(models.Model):
    """Another name of a company: former, trading, in another script, or misspelled as printed."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="aliases", verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, db_index=True, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("alias"), _("aliases")
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="alias_once"),
            models.CheckConstraint(condition=~Q(name=""), name="alias_has_a_name"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.folded = fold(self.name)
        others = Alias.objects.filter(folded=self.folded).exclude(company=self.company_id)
        if others.exists() or Company.objects.filter(folded=self.folded).exclude(pk=self.company_id).exists():
            raise ValidationError({"name": _("Another company has this name.")})

    def save(self, *args, **kwargs):
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class Health(models.TextChoices):
    """What we know about a contact's address."""

    WORKING = "working", _("Working")
    BOUNCED = "bounced", _("Bounced")
    OPTED_OUT = "opted_out", _("Asked not to be written to")
    LEFT = "left", _("Left the company")


class ContactQuerySet(models.QuerySet):
    def usable(self):
        """Contacts that mail can be sent to."""
        return self.filter(health=Health.WORKING).exclude(email="")

    def of(self, user):
        """Those that a member of staff may see: of the companies that a campaign of theirs asks."""
        if user.has_perm("campaigns.see_all_campaigns"):
            return self
        return self.filter(company__in=Company.objects.filter(approaches__campaign__memberships__user=user))


class Contact(models.Model):
    """A person or desk to write to. Private: in no public query, and erasable; the row stays as a tombstone."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="contacts", verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    web_form = models.URLField(_("web form"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    health = models.CharField(_("state of the address"), max_length=10, choices=Health, default=Health.WORKING)
    found_at = models.CharField(_("where it was found"), max_length=300, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("contact"), _("contacts")
        constraints = [
            models.UniqueConstraint("company", Lower("email"), condition=~Q(email=""), name="contact_once_per_company"),
            models.CheckConstraint(condition=Q(health__in=Health.values), name="contact_health_is_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(name="", role="", email="", phone="", web_form=""),
                name="erased_contact_is_blank",
            ),
        ]

    def __str__(self):
        return self.name or self.email or str(_("erased contact"))
