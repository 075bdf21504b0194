"""The list of companies as a spreadsheet for the team, with private notes; contacts only for those who may export them.

Every cell is typed as text and begins with nothing that a spreadsheet program would run.
"""

from datetime import date, datetime
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import clock, days
from campaigns.spreadsheet.reading import defuse
from correspondence.desk import access

from .companies import lines
from .conditions import conditions
from .sifting import Sift

CONTACTS = "campaigns.export_contacts"
TOGETHER = 500  # companies read at once
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (  # (head, what of a Line stands under it)
    (gettext_lazy("Company"), lambda line: line.approach.listed_as),
    (gettext_lazy("Group"), lambda line: line.approach.group),
    (gettext_lazy("Based in"), lambda line: line.approach.company.headquarters.name),
    (gettext_lazy("Status"), lambda line: line.word),
    (gettext_lazy("Last heard"), lambda line: line.heard),
    (gettext_lazy("Heard on"), lambda line: line.heard_on),
    (gettext_lazy("Last mail"), lambda line: line.mail),
    (gettext_lazy("What became of it"), lambda line: line.mail_why),
    (gettext_lazy("Messages sent"), lambda line: line.sent),
    (gettext_lazy("Messages planned"), lambda line: line.planned),
    (gettext_lazy("Owner"), lambda line: line.approach.assigned or ""),
    (gettext_lazy("Next step"), lambda line: line.step),
    (gettext_lazy("Next step at"), lambda line: line.at),
    (gettext_lazy("Why, or why not"), lambda line: line.why),
    (gettext_lazy("More time until"), lambda line: line.approach.deadline_stated),
    (gettext_lazy("Promised for"), lambda line: line.approach.promised_stated),
    (gettext_lazy("Why it is asked (public)"), lambda line: line.approach.reason),
    (gettext_lazy("Public remark"), lambda line: line.approach.remark),
    (gettext_lazy("Private note"), lambda line: line.approach.note),
)
OF_CONTACTS = (
    (gettext_lazy("Contacts"), lambda line: _each(line, "name")),
    (gettext_lazy("E-mail"), lambda line: _each(line, "email")),
    (gettext_lazy("Telephone"), lambda line: _each(line, "phone")),
    (gettext_lazy("State of the address"), lambda line: _each(line, "get_health_display")),
)


@require_POST
def companies(request, pk):
    """Hand out the list as it is filtered and sorted on the desk, and log how many rows left."""
    campaign, now, user = access.campaign(request.user, pk), clock.now(), request.user
    sift = Sift.read(request.GET, campaign)
    found = sift.apply(campaign, conditions(campaign, now), user, user.has_perm("companies.view_contact"))
    with_contacts = user.has_perms((CONTACTS, "companies.view_contact"))
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    number = write(file, campaign, found.select_related("company", "assigned"), now, contacts=with_contacts)
    kind = "with contacts" if with_contacts else "without contacts"
    access.log(user, campaign, f"Exported {number} companies as a spreadsheet, with private notes, {kind}")
    name = f"{campaign.slug}-{days.today(now, campaign.time_zone)}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPE)


def write(file, campaign, approaches, now, *, contacts):
    """Write the approaches into an open file, 500 at a time; rewind it and return how many."""
    from openpyxl import Workbook  # slow to import, and used here alone

    columns = COLUMNS + (OF_CONTACTS if contacts else ())
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Companies"))
    sheet.freeze_panes = "B2"
    sheet.append([_cell(sheet, head, campaign) for head, _value in columns])
    number = 0
    keys = list(approaches.values_list("pk", flat=True))
    for start in range(0, len(keys), TOGETHER):
        part = list(approaches.filter(pk__in=keys[start : start + TOGETHER]))
        for line in lines(part, campaign, now):
            sheet.append([_cell(sheet, value(line), campaign) for _head, value in columns])
        number += len(part)
    book.save(file)
    file.seek(0)
    return number


def plain(value, zone):
    """Return a value as text that no spreadsheet program takes for anything else; instants in the zone named."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, datetime):
        value = f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    elif isinstance(value, date):
        value = value.isoformat()
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value if value is not None else ""))[:32_000]  # a cell takes 32,767
    return defuse(text)


def _cell(sheet, value, campaign):
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    cell.value, cell.data_type = plain(value, campaign.time_zone), "s"
    return cell


def _each(line, name):
    values = (getattr(one.contact, name) for one in line.contacts)
    return "; ".join(str(value() if callable(value) else value) for value in values)
