"""Names that may mean one company under two spellings: the same but for a letter, or for the legal form."""

from collections import defaultdict

from companies.models import Company
from companies.names import fold

_FORMS = frozenset(
    {"ltd", "limited", "inc", "corp", "corporation", "co", "company", "plc", "llc", "gmbh", "ag", "sa", "sas", "spa"}
    | {"srl", "bv", "nv", "group", "holding", "holdings"}
)


def names_alike(entries):
    """Yield (place, name, other name) for entries that look like another entry or a known company, but are not it."""
    own = {fold(entry.name) for entry in entries} | {fold(alias) for entry in entries for alias in entry.aliases}
    near = defaultdict(list)
    for name, folded in Company.objects.values_list("name", "folded"):
        if folded not in own:
            for key in _keys(folded):
                near[key].append((folded, name))
    for entry in entries:
        folded, told = fold(entry.name), set()
        for key in _keys(folded):
            for other, name in near[key]:
                if other != folded and other not in told and other not in map(fold, entry.aliases):
                    told.add(other)
                    yield f"{entry.place}.name", entry.name, name
            near[key].append((folded, entry.name))


def _keys(folded):
    """The name without its legal form, and each spelling of it that lacks one letter: alike names share a key."""
    words = [word.strip(".,") for word in folded.split()]
    core = "".join(word for word in words if word not in _FORMS) or "".join(words)
    shorter = {core[:i] + core[i + 1 :] for i in range(len(core))} if len(core) >= 6 else set()
    return {core, *shorter}
