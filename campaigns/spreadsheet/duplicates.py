"""Which companies a name may mean: the same by names.fold, or so alike that a person should say.

Looking up costs a few dictionary reads per name, however many companies there are; difflib compares what comes up.
"""

import re
from collections import defaultdict
from difflib import SequenceMatcher

from companies.names import fold

ALIKE = 0.87  # of difflib's ratio, over the whole name
SHOWN = 3  # candidates for one name
_LEGAL = frozenset(
    re.findall(
        r"\w+",
        """
        ab ag ao as asa bhd bv co corp corporation company cv de eireli eurl fze gmbh group grupo groupe gruppe holding
        holdings inc incorporated international intl jsc kg kk lda limited llc llp ltd ltda mbh nv ojsc oy oyj pjsc plc
        pte pty pvt sa sab sae saog sarl sas se sl slu spa spzoo srl the wll شركه مجموعه المحدوده القابضه ش م ع
        """,
    )
)
_APART = re.compile(r"[\W_]+")
_ASIDE = re.compile(r"\(([^()]*)\)")
_LOOKED_AT = 12  # letters of a name in which one may differ


class Names:
    """Knows companies by all their names. `keys` are whatever the caller names them by."""

    def __init__(self):
        self._exact = {}
        self._nearly, self._whole, self._begins, self._initials = (defaultdict(list) for _each in range(4))

    def add(self, name, key):
        self._exact.setdefault(fold(name), key)
        for words in _cores(name):
            core = "".join(words)
            one = (key, core)
            self._whole[" ".join(words)].append(one)
            for variant in _variants(core):
                self._nearly[variant].append(one)
            for length in range(1, len(words)):
                if len(self._begins[" ".join(words[:length])]) < SHOWN:
                    self._begins[" ".join(words[:length])].append(one)
            if len(words) > 2:
                self._initials["".join(word[0] for word in words)].append(one)

    def claim(self, name, key):
        """Note that a name is a company's, without looking for others like it."""
        self._exact.setdefault(fold(name), key)

    def exactly(self, name):
        """Return the key of the company that has this name or alias, or None."""
        return self._exact.get(fold(name))

    def alike(self, name):
        """Return the keys of companies that may be meant, the likeliest first; at most SHOWN."""
        found = {}
        for words in _cores(name):
            core = "".join(words)
            near = [one for variant in _variants(core) for one in self._nearly.get(variant, ())[:50]]
            for key, other in near:
                if _digits(core) == _digits(other):
                    found[key] = max(found.get(key, 0), _ratio(core, other))
            shorter = [" ".join(words[:length]) for length in range(1, len(words) + 1)]
            begun = [one for part in shorter if len(part) > 3 for one in self._whole.get(part, ())[:SHOWN]]
            if len(core) > 3:
                begun += self._begins.get(" ".join(words), ())
            if len(words) == 1 and 2 < len(core) < 7:
                begun += self._initials.get(core, ())[:SHOWN]
            for key, _other in begun:
                found[key] = max(found.get(key, 0), ALIKE)
        likely = sorted((-score, str(key), key) for key, score in found.items() if score >= ALIKE)
        return [key for _score, _text, key in likely[:SHOWN]]


def _cores(name):
    """Return the words of a name without legal forms: of what stands outside brackets, and of what stands in them."""
    folded = fold(name).replace(".", "").replace("'", "")
    parts = [_ASIDE.sub(" ", folded), *_ASIDE.findall(folded)]
    cores = []
    for part in parts:
        words = [word for word in _APART.split(part) if word]
        kept = [word for word in words if word not in _LEGAL] or words
        if kept:
            cores.append(kept)
    return cores


def _variants(core):
    """A name's beginning, and each way to leave out one of its letters: two that share one differ by two at most."""
    start = core[:_LOOKED_AT]
    if len(core) < 5:
        return [start]
    return {start, *(start[:place] + start[place + 1 :] for place in range(len(start)))}


def _ratio(one, other):
    if one == other:
        return 1.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0


def _digits(core):
    return re.sub(r"\D", "", core)
