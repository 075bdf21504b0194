"""The house's rules as functions: each takes the root of a tree and returns its violations, as `path:line what`.

test_architecture.py asks them of this project, where they must say nothing, and of a tree with a planted violation,
where they must not.
"""

import ast
import re
from pathlib import Path

APPS = ("outreach", "companies", "campaigns", "correspondence", "responses")
PUBLIC_DOORS = ("views.py", "feeds.py")
OTHER_DOORS = ("portal.py",)  # the company's, which may import correspondence
BEHIND_DOORS = ("companies", "campaigns", "responses")
GETTEXT = ("_", "_t", "gettext", "ngettext", "pgettext", "npgettext")
AT_HAND = "of a campaign, a company or a response that .public() gave to the caller"
NARROWED = "a part of a query that .public() narrows"
STAMPED = "an aggregate in a stamp; nothing of the rows is shown"
RULE = "a rule that staff's acts and pages share; no page calls this part of it"
# {module behind a public door: {"function: model": why it may be read there without .public()}}
NOT_ASKED = {
    "campaigns/campaign_file/collect.py": {
        "Texts: Translation": AT_HAND,
        "_companies: Event": AT_HAND,
    },
    "campaigns/clock.py": {"offset: ClockOffset": "the demo's clock; it belongs to nobody"},
    "campaigns/directory.py": {
        "asked_companies: Company": NARROWED,
        "listed: Alias": AT_HAND,
        "named: Alias": NARROWED,
        "search: Translation": NARROWED,
    },
    "campaigns/figures.py": {"_recomputed: Event": AT_HAND},
    "campaigns/freshness.py": {
        "stamp: LogEntry": STAMPED,
        "stamp_of_lists: Alias": STAMPED,
        "stamp_of_lists: Event": STAMPED,
    },
    "campaigns/lists.py": {
        "_matching: Topic": NARROWED,
        "campaigns: Topic": NARROWED,
        "cards: Asker": AT_HAND,
    },
    "campaigns/particulars.py": {
        "_rows: Asker": AT_HAND,
        "_rows: CampaignTopic": AT_HAND,
        "_rows: Finding": AT_HAND,
        "_rows: TimelineEntry": AT_HAND,
    },
    "campaigns/roll.py": {"add_sectors: Company.sectors.through": AT_HAND},
    "campaigns/status.py": {"lock: type(approach)": RULE},
    "campaigns/texts.py": {
        "Texts: Translation": AT_HAND,
        "read_titles: Translation": AT_HAND,
    },
    "campaigns/withdrawn.py": {"find: Campaign": "it was public, and says only when and why it was withdrawn"},
    "responses/campaign_file/came_back.py": {
        "responses_of: Response": "one file for staff and readers; .public() decides on words"
    },
    "responses/campaign_page.py": {
        "find: Campaign": NARROWED,
        "stamp: Approach": STAMPED,
        "stamp: Event": STAMPED,
        "stamp: Response": STAMPED,
    },
    "responses/company_page.py": {
        "find: Company": NARROWED,
        "find: FormerSlug": NARROWED,
        "stamp: Approach": STAMPED,
        "stamp: Event": STAMPED,
        "stamp: Response": STAMPED,
    },
    "responses/files.py": {"find: Document": NARROWED},
    "responses/matrix.py": {
        "codes: Answer": "of replies that given() found to be shown",
        "given: Response": "a reply counts when it is logged; shown() decides on words",
    },
    "responses/publication.py": {"_lock: Response": RULE},
    "responses/question_page.py": {"_quotes: Answer": "of replies that given() found to be shown"},
    "responses/response_page.py": {
        "stamp: Approach": STAMPED,
        "stamp: Response": STAMPED,
        "withdrawn: Response": "withheld after it was public: it says only when and why",
    },
}
VAGUE = ("utils", "util", "helpers", "helper", "services", "common", "misc", "tools")
MAILERS = ("smtplib", "django.core.mail")
BUILDING = ("django.core.mail.EmailMultiAlternatives", "django.core.mail.message.BadHeaderError")
LONGEST = 300  # lines of a module
BROKER_WORDS = ("eta", "countdown", "retry_backoff", "autoretry_for", "max_retries")  # time and retries: the database's
TESTS, MIGRATIONS = "tests", "migrations"


def modules(root, *left_out):
    """Yield (path below `root`, path) of each Python file of the apps, but for those in a folder of `left_out`."""
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            below = path.relative_to(root)
            if not set(below.parts) & set(left_out):
                yield below, path


def is_public_door(below):
    """True for an app's views.py and feeds.py, and for the modules of a package of that name."""
    return any(f"{part.removesuffix('.py')}.py" in PUBLIC_DOORS for part in below.parts[1:])


def imports(tree, below):
    """Yield (line, dotted name) of everything that a module imports, relative imports resolved, at any depth."""
    package = below.with_suffix("").parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*start, *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def is_within(name, package):
    return name == package or name.startswith(package + ".")


def public_doors_import_no_correspondence(root):
    for below, path in modules(root, TESTS):
        if is_public_door(below):
            for line, name in imports(ast.parse(path.read_text()), below):
                if is_within(name, "correspondence"):
                    yield f"{below}:{line} imports {name}"


def module_of(name, known):
    """Return the path among `known` of the module that the dotted `name`, or what it is taken from, stands for."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        path = "/".join(parts[:end])
        if found := {f"{path}.py", f"{path}/__init__.py"} & known.keys():
            return found.pop()
    return None


def behind_public_doors(root):
    """Return {path below `root`: syntax tree} of the public doors and of all that they import in BEHIND_DOORS, at any
    depth, but for the models, which say what is public.
    """
    known = {below.as_posix(): (below, path) for below, path in modules(root, TESTS, MIGRATIONS)}
    waiting = [name for name, (below, _) in known.items() if is_public_door(below) or below.name in OTHER_DOORS]
    found = {}
    while waiting:
        name = waiting.pop()
        below, path = known[name]
        if name in found or not set(below.parts).isdisjoint(("models", "models.py", "admin", "admin.py")):
            continue
        found[name] = ast.parse(path.read_text())
        reached = (module_of(taken, known) for _, taken in imports(found[name], below))
        waiting += [other for other in reached if other and other.split("/")[0] in BEHIND_DOORS]
    return found


def public_doors_ask_public(root):
    """Behind the public doors every `.objects` goes on with `.public()`, and nothing is fetched around the managers.

    NOT_ASKED says what else may be read, and why.
    """
    for name, tree in sorted(behind_public_doors(root).items()):
        asked = {
            id(node.value.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr == "public"
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "objects"
        }
        inside = [(node, getattr(top, "name", "")) for top in tree.body for node in ast.walk(top)]
        for node, function in inside:
            if isinstance(node, ast.Attribute) and node.attr == "objects" and id(node.value) not in asked:
                read = f"{function}: {ast.unparse(node.value)}"
                if read not in NOT_ASKED.get(name, {}):
                    yield f"{name}:{node.lineno} {read}.objects without .public()"
            elif isinstance(node, ast.Attribute) and node.attr in ("_default_manager", "_base_manager", "get_model"):
                yield f"{name}:{node.lineno} .{node.attr} goes around .public()"


def no_vague_modules(root):
    for below, _ in modules(root):
        if any(part.removesuffix(".py") in VAGUE for part in below.parts):
            yield f"{below}:1 says nothing about what is in it"


def only_the_outbox_sends(root):
    """The outbox and its relays open connections; compose.py may build a message, and may not send it."""
    for below, path in modules(root, TESTS):
        if re.fullmatch(r"correspondence/(outbox|relay\w*)\.py", below.as_posix()):
            continue
        tree = ast.parse(path.read_text())
        composes = below.as_posix() == "correspondence/compose.py"
        for line, name in imports(tree, below):
            if any(is_within(name, mailer) for mailer in MAILERS) and not (composes and name in BUILDING):
                yield f"{below}:{line} imports {name}"
        for node in ast.walk(tree) if composes else []:
            if isinstance(node, ast.Attribute) and node.attr in ("send", "get_connection"):
                yield f"{below}:{node.lineno} .{node.attr} is the outbox's"


def no_long_modules(root):
    for below, path in modules(root, TESTS, MIGRATIONS):
        if (lines := len(path.read_text().splitlines())) > LONGEST:
            yield f"{below}:{lines} lines are more than {LONGEST}"


def time_and_retries_stay_in_the_database(root):
    for below, path in modules(root, TESTS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg in BROKER_WORDS:
                        yield f"{below}:{node.lineno} {keyword.arg}= leaves it to the broker"
                if isinstance(node.func, ast.Attribute) and node.func.attr in ("apply_async", "retry"):
                    yield f"{below}:{node.lineno} .{node.func.attr}() leaves it to the broker"


def words_can_be_gathered(root):
    """No translated word stands inside an f-string: gettext does not look into them, and nobody would translate it."""
    for below, path in modules(root, TESTS):
        for text in ast.walk(ast.parse(path.read_text())):
            for node in ast.walk(text) if isinstance(text, ast.JoinedStr) else []:
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in GETTEXT:
                    yield f"{below}:{node.lineno} {node.func.id}() in an f-string is not gathered"


def without_tags(text):
    """Return a template with its {% tags %} and {{ values }} blanked, every other character in its place."""
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}", lambda tag: re.sub(r"[^\n]", " ", tag[0]), text, flags=re.S)


def templates(root, pattern, fault, read=without_tags):
    """Yield the places of `pattern` in templates/, those of the apps included, as `read` shows them."""
    for folder in [root / "templates", *(root / app / "templates" for app in APPS)]:
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            text = read(path.read_text())
            for found in re.finditer(pattern, text):
                yield f"{path.relative_to(root)}:{text.count(chr(10), 0, found.start()) + 1} {fault}"


def no_inline_styles(root):
    return templates(root, r"(?i)<[^>]*\sstyle\s*=|<style\b", "inline style, which the CSP refuses")


def no_inline_scripts(root):
    script = r"<script\b(?![^>]*\bsrc=)(?![^>]*\btype=.application/(?:ld\+)?json)"
    handler = r"<[^>]*\s(?:on\w+|hx-on[^\s=]*)\s*="
    return templates(root, f"(?i){script}|{handler}", "inline script, which the CSP refuses")


def nothing_is_declared_safe(root):
    yield from templates(root, r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off", "not escaped", read=str)
    for below, path in modules(root, TESTS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name) and node.id == "SafeString":
                yield f"{below}:{node.lineno} not escaped"


def nothing_from_elsewhere(root):
    """No page loads from another host."""
    return templates(
        root, r"(?i)<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", "from another host"
    )


RULES = [
    public_doors_import_no_correspondence,
    public_doors_ask_public,
    no_vague_modules,
    only_the_outbox_sends,
    no_long_modules,
    time_and_retries_stay_in_the_database,
    words_can_be_gathered,
    no_inline_styles,
    no_inline_scripts,
    nothing_is_declared_safe,
    nothing_from_elsewhere,
]


def violations(rule, root):
    """Return what `rule` finds below `root`."""
    return list(rule(Path(root)))
