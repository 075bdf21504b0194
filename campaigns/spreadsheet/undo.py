"""Taking an import back: what it made goes where nobody has used it since, and what stays is named with its reason."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Approach, ChosenContact, SpreadsheetImport
from campaigns.status import Reach
from companies.models import Alias, Company, Contact, Sector

from .accepting import seal

PART = 500
_MODELS = {model._meta.model_name: model for model in (Approach, ChosenContact, Contact, Alias, Company, Sector)}


def take_back(pk, now):
    """Delete what an import made and nobody used; return the SpreadsheetImport with its report.

    report["stays"]  [name of a company, why] for each that stays, in the order of the list
    raises           ValidationError where it was taken back before
    """
    with transaction.atomic():
        sheet = SpreadsheetImport.objects.select_for_update(of=("self",)).get(pk=pk)
        if sheet.accepted_at is None or sheet.undone_at:
            raise ValidationError(_("This was taken back already."))
        sheet.report["stays"], sheet.report["gone"] = _delete(sheet.created)
        sheet.created, sheet.undone_at = {}, now
        sheet.save()
        transaction.on_commit(sheet.campaign.refresh_count)
    return sheet


def _delete(created):
    """Return ([[name, why]] of what stays, number of approaches that went)."""
    _empty(created.get("filled", []))
    approaches = _used(Approach, created, {"chosencontact"})
    moved = _rows(Approach, created, lambda rows: rows.exclude(reach=Reach.PLANNED))
    approaches |= {one.pk: _("it was asked, or moved") for one in moved}
    stays = {}
    for one in _rows(Approach, created, lambda rows: rows.select_related("company")):
        if one.pk in approaches:
            stays.setdefault(one.company_id, (one.listed_as, approaches[one.pk]))
    gone = _drop(Approach, created, approaches)
    in_use = Exists(Approach.objects.filter(pk=OuterRef("approach")).exclude(events=None, messages=None))
    kept = _rows(ChosenContact, created, lambda rows: rows.filter(in_use))
    _drop(ChosenContact, created, {one.pk for one in kept})
    _drop(Contact, created, _used(Contact, created, set()))
    made = set(created.get("company", ()))
    _drop(Alias, created, {one.pk for one in _rows(Alias, created) if one.company_id in made})
    for part in _parts(created.get("sectors", [])):
        Company.sectors.through.objects.filter(pk__in=part).delete()
    companies = _used(Company, created, {"alias"})
    for one in _rows(Company, created):
        if one.pk in companies:
            stays.setdefault(one.pk, (one.name, companies[one.pk]))
    _drop(Company, created, companies)
    _drop(Sector, created, {one.pk for one in _rows(Sector, created, lambda rows: rows.exclude(companies=None))})
    return [list(one) for one in stays.values()], gone


def _parts(keys):
    for start in range(0, len(keys), PART):
        yield keys[start : start + PART]


def _rows(model, created, narrow=lambda rows: rows):
    """Yield what is left of a model's rows that the import made."""
    for part in _parts(created.get(model._meta.model_name, [])):
        yield from narrow(model.objects.filter(pk__in=part))


def _drop(model, created, kept):
    """Delete the rows that the import made, but for `kept`; return how many."""
    keys = [pk for pk in created.get(model._meta.model_name, []) if pk not in kept]
    return sum(model.objects.filter(pk__in=part).delete()[1].get(model._meta.label, 0) for part in _parts(keys))


def _used(model, created, own):
    """Return {pk: why} of the rows that something refers to which the import did not make, or that a person edited.

    own  models (by name) whose rows of this import do not count, because they go with it
    """
    keys, why = created.get(model._meta.model_name, []), {}
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        other = relation.related_model
        if other._meta.auto_created:
            continue
        mine = set(created.get(other._meta.model_name, ())) if other._meta.model_name in own else set()
        for part in _parts(keys):
            rows = other._base_manager.filter(**{f"{relation.field.name}__in": part})
            for used, pk in rows.values_list(relation.field.attname, "pk"):
                if pk not in mine:
                    why.setdefault(used, _("in use: %(thing)s") % {"thing": other._meta.verbose_name})
    kind = ContentType.objects.get_for_model(model)
    for part in _parts(keys):
        edited = LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in part])
        for pk in edited.values_list("object_id", flat=True):
            why.setdefault(int(pk), _("edited since"))
    return why


def _empty(filled):
    """Empty the fields that the import filled, where they still hold what it wrote."""
    for name, pk, field, mark in filled:
        model = _MODELS[name]
        row = model.objects.filter(pk=pk).first()
        if row and seal(getattr(row, field)) == mark:
            setattr(row, field, None if model._meta.get_field(field).null else "")
            row.save()


def said(report):
    """Return the sentence on what was taken back, for the log and the person."""
    text = ngettext("Taken back: %(count)d company.", "Taken back: %(count)d companies.", report["gone"])
    return text % {"count": report["gone"]}
