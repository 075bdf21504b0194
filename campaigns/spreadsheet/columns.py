"""What the columns of a spreadsheet can be, and guessing it from their heads in the five languages of the site."""

import re
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from companies.names import fold

LABELS = {
    "company": _("Company"),
    "aliases": _("Other names"),
    "headquarters": _("Headquarters"),
    "sectors": _("Sectors"),
    "website": _("Website"),
    "group": _("Group"),
    "reason": _("Why it is asked"),
    "name": _("Contact"),
    "role": _("Role"),
    "email": _("E-mail"),
    "cc": _("Copy to"),
    "escalation": _("Escalation to"),
    "phone": _("Telephone"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "deadline": _("More time until"),
    "note": _("Private note"),
}
# As people write them: English, Portuguese, Spanish, French, Arabic. Compared folded, without punctuation.
_HEADS = {
    "company": "company|company name|name of company|companies|organisation|organization|firm|business|corporation|"
    "empresa|nome da empresa|companhia|nombre de la empresa|compania|sociedad|entreprise|nom de l entreprise|societe|"
    "شركة|الشركة|اسم الشركة|المؤسسة|الشركات",
    "aliases": "aliases|alias|other names|other name|also known as|aka|former name|former names|trading name|"
    "short name|outros nomes|outro nome|nome comercial|otros nombres|otro nombre|nombre comercial|autres noms|"
    "autre nom|nom commercial|أسماء أخرى|اسم آخر|الاسم التجاري",
    "headquarters": "headquarters|hq|headquartered in|country|country of headquarters|based in|home country|hq country|"
    "sede|pais|pais da sede|pais sede|pais de la sede|siege|siege social|pays|pays du siege|"
    "المقر|المقر الرئيسي|البلد|الدولة|بلد المقر",
    "sectors": "sector|sectors|sector s|industry|industries|setor|setores|industria|sectores|secteur|secteurs|"
    "القطاع|القطاعات|الصناعة",
    "website": "website|web site|web|url|homepage|home page|site|sitio web|pagina web|sitio|site web|site internet|"
    "الموقع|الموقع الإلكتروني|موقع الويب",
    "group": "group|category|heading|tier|list|grupo|categoria|groupe|categorie|المجموعة|الفئة",
    "reason": "reason|why|why asked|why it is asked|reason for asking|involvement|motivo|razao|porque|razon|por que|"
    "raison|motif|pourquoi|السبب|سبب السؤال",
    "name": "contact|contact name|contact person|name|full name|person|contacto|nome do contacto|nome|contato|"
    "nombre del contacto|nombre|persona de contacto|nom du contact|nom|personne|"
    "جهة الاتصال|اسم جهة الاتصال|الاسم|المسؤول",
    "role": "role|title|job title|position|function|cargo|funcao|puesto|funcion|fonction|poste|titre|"
    "المنصب|الوظيفة|الدور",
    "email": "email|e mail|mail|email address|e mail address|contact email|contact e mail|to|correio eletronico|"
    "endereco de email|e mail do contacto|correo|correo electronico|courriel|adresse e mail|adresse electronique|"
    "البريد|البريد الإلكتروني|الإيميل|بريد إلكتروني",
    "cc": "cc|copy|copy to|cc email|cc e mail|email cc|e mail cc|em copia|copia|con copia|copie|copie a|en copie|"
    "نسخة|نسخة إلى",
    "escalation": "escalation|escalation email|escalation e mail|escalation to|escalate to|escalamento|escalonamento|"
    "escalado|escalada|escalade|التصعيد|بريد التصعيد",
    "phone": "phone|telephone|tel|phone number|mobile|telefone|telemovel|telefono|movil|الهاتف|رقم الهاتف|هاتف",
    "language": "language|lang|idioma|lingua|langue|اللغة|لغة",
    "time_zone": "time zone|timezone|tz|fuso horario|zona horaria|huso horario|fuseau horaire|المنطقة الزمنية",
    "deadline": "deadline|reply by|more time until|due|due date|own deadline|prazo|responder ate|plazo|fecha limite|"
    "responder antes de|echeance|date limite|repondre avant|الموعد النهائي|آخر موعد|الرد قبل",
    "note": "note|notes|private note|comment|comments|remarks|internal note|nota|notas|observacoes|comentarios|"
    "nota privada|observaciones|remarque|remarques|commentaire|commentaires|note privee|ملاحظة|ملاحظات|ملاحظة خاصة",
}


def _plain(head):
    return " ".join(re.sub(r"[\W_]+", " ", fold(head)).split())


@cache
def _known():
    """Return {head: column}: the words above, and our own labels in every language, as our templates have them."""
    found = {_plain(head): key for key, heads in _HEADS.items() for head in heads.split("|")}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {_plain(str(label)): key for key, label in LABELS.items()}
    return found


def guess(heads):
    """Return what each column most likely is, "" where nobody can say; the first of two equal ones has it."""
    found = []
    for head in heads:
        key = _key_of(_plain(head))
        found.append(key if key not in found else "")
    if "company" not in found and "name" in found and {"email", "headquarters", "website"} & set(found):
        found[found.index("name")] = "company"  # a list of companies whose first column is headed "Name"
    return found


def guess_from_values(rows):
    """Return what the columns of a table without heads most likely are: addresses tell, and the first words name."""
    found = []
    for place in range(max(len(row) for row in rows)):
        cells = [row[place] for row in rows if place < len(row) and row[place]]
        if "email" not in found and sum("@" in cell for cell in cells) * 2 > len(cells):
            found.append("email")
        elif "company" not in found and sum(any(map(str.isalpha, cell)) for cell in cells) * 2 > len(cells):
            found.append("company")
        else:
            found.append("")
    return found


def _key_of(head):
    if key := _known().get(head):
        return key
    words = head.split()  # "company (as printed)", "e-mail of press office"
    for length in range(len(words) - 1, 0, -1):
        for part in (" ".join(words[:length]), " ".join(words[-length:])):
            if (key := _known().get(part)) and len(part) > 2:
                return key
    return ""


def appearing_twice(heads):
    """Return the heads that a person would take for the same column, to warn of."""
    seen, twice = set(), []
    for head in heads:
        key = _key_of(_plain(head)) or _plain(head)
        if key and key in seen:
            twice.append(head)
        seen.add(key)
    return twice


def head_row(rows):
    """Return the place of the row that holds the heads, or None where the first row is data already."""
    best, most = None, 0
    for place, row in enumerate(rows[:10]):
        known = [key for key in guess(row) if key]
        if len(known) > most and not any("@" in cell for cell in row):
            best, most = place, len(known)
    return best


def wrong(chosen):
    """Return a sentence on what keeps the chosen columns from being used, or ""."""
    used = [key for key in chosen if key]
    if "company" not in used:
        return _("Choose the column that holds the company.")
    twice = next((key for key in used if used.count(key) > 1), None)
    return _("“%(column)s” is chosen twice.") % {"column": LABELS[twice]} if twice else ""
