# SPDX-License-Identifier: Apache-2.0
"""What must hold for the tree itself: floors, directives, templates, style."""
import re
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
FLOORS = ["core", "store", "service", "gate", "pages", "ctl"]
# what each floor may include of the others
MAY_SEE = {
    "core": {"core"},
    "store": {"core", "store"},
    "service": {"core", "store", "service"},
    "gate": {"core", "store", "service", "gate"},
    "pages": {"core", "store", "service", "gate", "pages"},
    # the second client of service: of httpd it knows nothing
    "ctl": {"core", "store", "service", "ctl"},
}
# and of the world: httpd's headers, APR's
HTTPD = re.compile(r"^(httpd|http_\w+|ap_\w+|util_\w+|unixd|mod_\w+)\.h$")
APR = re.compile(r"^(apr_?\w*|apu_?\w*)\.h$")
FORBIDDEN = {
    "core": [HTTPD, APR, re.compile(r"^(stdio|time|sys/.*|unistd|fcntl)\.h$")],
    "store": [HTTPD],
    "service": [HTTPD],
    "gate": [],
    "pages": [],
    "ctl": [HTTPD],
}
# core formats text into buffers; nothing else of stdio is used there
STDIO_CALLS = re.compile(r"\b(f?printf|fopen|fread|fwrite|puts|perror)\s*\(")


def sources(floor):
    return sorted([*REPO.glob(f"src/{floor}/*.[ch]"),
                   *REPO.glob(f"include/{floor}/*.h")])


def all_sources():
    return [REPO / "mod_cp2fa.c"] + [f for n in FLOORS for f in sources(n)]


def includes(path):
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]',
                      path.read_text(), re.M)


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_sees_only_the_floors_below_it(floor):
    assert sources(floor), f"no sources in {floor}"
    for path in sources(floor):
        for name in includes(path):
            room = name.split("/")[0]
            if room in FLOORS:
                assert room in MAY_SEE[floor], f"{path.name}: {name}"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_includes_nothing_that_it_must_not_know(floor):
    for path in sources(floor):
        for name in includes(path):
            if floor == "core" and name == "stdio.h":
                assert not STDIO_CALLS.search(path.read_text()), path.name
                continue
            for pattern in FORBIDDEN[floor]:
                assert not pattern.match(name), f"{path.name}: {name}"


def test_the_includes_between_rooms_form_no_circle():
    edges = {}
    for floor in FLOORS:
        for path in sources(floor):
            room = f"{floor}/{path.stem}"
            seen = {n[:-2] for n in includes(path)
                    if n.split("/")[0] in FLOORS and n.endswith(".h")}
            edges.setdefault(room, set()).update(seen - {room})
    # a header's own includes only: a .c may use whoever uses its header
    heads = {}
    for floor in FLOORS:
        for path in REPO.glob(f"include/{floor}/*.h"):
            heads[f"{floor}/{path.stem}"] = {
                n[:-2] for n in includes(path) if "/" in n}
    done, path = set(), []

    def visit(room):
        assert room not in path, " -> ".join([*path, room])
        if room in done:
            return
        path.append(room)
        for other in heads.get(room, ()):
            visit(other)
        path.pop()
        done.add(room)

    for room in heads:
        visit(room)


def directives_in_code():
    text = "".join((REPO / f"src/gate/{name}").read_text()
                   for name in ("conf.c", "setters.h"))
    return (set(re.findall(r'ROW\(\w+, "(TwoFactor\w*)"', text))
            | set(re.findall(r'AP_INIT_\w+\("(TwoFactor\w*)"', text)))


def test_the_readme_documents_exactly_the_directives_there_are():
    readme = (REPO / "README.md").read_text()
    section = readme.split("## Directives")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `(TwoFactor\w*)", section, re.M))
    assert documented == directives_in_code()


def test_the_configuration_file_uses_only_directives_there_are():
    text = (REPO / "conf/cp2fa.conf").read_text()
    used = set(re.findall(r"^\s*(TwoFactor\w*)\s", text, re.M))
    assert used and used <= directives_in_code()


def test_the_readme_names_the_defaults_that_the_code_has():
    readme = (REPO / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(TwoFactor\w*)[^`]*` \| ([^|]*) \|", readme,
                           re.M))
    assert rows["TwoFactorClockSkew"].strip() == "180"
    code = (REPO / "src/gate/conf.c").read_text()
    assert ".clock_skew = 180" in code
    assert rows["TwoFactorToken"].strip() == "SHA1 6 30"
    assert "{CP2FA_TOTP_SHA1, 6, 30}" in code
    assert rows["TwoFactorFailureLimit"].strip() == "20 30d"
    assert "{20, INT64_C(30) * 86400" in code
    assert rows["TwoFactorSessionLifetime"].strip() == "12h"
    assert "session_lifetime = 12 * 3600" in code
    assert rows["TwoFactorSessionIdle"].strip() == "30m"
    assert "session_idle = 30 * 60" in code


def log_tags_in_code():
    return set(re.findall(r'"(CP2FA\d{3}): ',
                          "".join(p.read_text() for p in all_sources())))


def test_every_log_line_has_a_tag_of_its_own_that_the_docs_explain():
    text = "".join(p.read_text() for p in all_sources())
    tags = re.findall(r'"(CP2FA\d{3}): ', text)
    assert len(tags) == len(set(tags)), "a tag is used twice"
    calls = len(re.findall(r"\bap_log_r?error\(", text))
    decided = re.findall(r'"(CP2FA\d{3}): ',
                         (REPO / "src/gate/decision.c").read_text())
    # all decisions go through one call, each with its tag
    assert calls == len(tags) - len(decided) + 1, "a log line without a tag"
    explained = set(re.findall(r"^\| (CP2FA\d{3}) ",
                               (REPO / "docs/log.md").read_text(), re.M))
    assert explained == set(tags)


TEMPLATES = sorted((REPO / "htdocs").glob("*.shtml.*"))
BANNED = {
    "encoding none": re.compile(r'encoding\s*=\s*"?none', re.I),
    "exec": re.compile(r"<!--#exec", re.I),
    "printenv": re.compile(r"<!--#printenv", re.I),
    "$ in set or include": re.compile(r"<!--#(set|include)[^>]*\$", re.I),
    "script": re.compile(r"<script", re.I),
    "inline style": re.compile(r"<style|\sstyle\s*=", re.I),
    "event handler": re.compile(r"\son\w+\s*=\s*\"", re.I),
    "foreign address": re.compile(r"https?://|\s(?:src|href)=\"//", re.I),
    "single-quoted echo": re.compile(r"='[^']*<!--#echo", re.I),
}


@pytest.mark.parametrize("what", BANNED)
def test_no_template_holds(what):
    """HDR-01, ENR-05: nothing inline, nothing from elsewhere."""
    assert TEMPLATES
    for path in TEMPLATES:
        assert not BANNED[what].search(path.read_text()), path.name


def variables_set_in_code():
    text = "".join(p.read_text() for p in sources("pages"))
    names = set(re.findall(r'"(CP2FA_[A-Z_]+)"', text))
    fields = re.findall(r'\{"([A-Z_]+)",', text)
    return names | {f"CP2FA_{thing}_{i}_{f}" for f in fields
                    for thing, count in (("DEVICE", 8), ("SESSION", 20),
                                         ("PROGRAM", 20))
                    for i in range(1, count + 1)}


def test_templates_show_only_variables_that_the_code_sets():
    for path in TEMPLATES:
        used = set(re.findall(r"CP2FA_\w+", path.read_text()))
        assert used <= variables_set_in_code(), path.name


def test_every_variable_of_a_page_is_in_its_json():
    text = (REPO / "src/pages/json.c").read_text()
    named = set(re.findall(r'\{"(CP2FA_[A-Z_]+)", "', text))
    problem = {"CP2FA_ERROR", "CP2FA_RETRY_AFTER"}
    pages = "".join(p.read_text() for p in sources("pages")
                    if p.name != "json.c")
    used = set(re.findall(r'"(CP2FA_[A-Z_]+)"', pages))
    assert used - named == problem


def test_every_error_code_has_words():
    text = "".join(p.read_text()
                   for p in sources("pages") + sources("gate"))
    codes = set(re.findall(
        r'"((?:token|enrollment|csrf|bad|too|unsupported|method|not'
        r'|two-factor|https|login|recovery|step-up|session|device|mail|email'
        r'|app)-(?!codes|added|ended|changed|tokens|token-ended)[a-z-]+'
        r'|unavailable|internal|throttled)"', text))
    assert "token-invalid" in codes and "unavailable" in codes
    for language in {p.suffix for p in TEMPLATES}:
        words = (REPO / f"htdocs/_error.shtml{language}").read_text()
        for code in codes:
            assert f"'{code}'" in words, f"{code} in {language}"


def test_a_page_that_a_route_shows_is_in_htdocs_in_every_language():
    text = (REPO / "src/pages/routes.c").read_text()
    shown = re.findall(r'\{"([\w-]+)", \w+,[^}]*?cp2fa_\w+_(?:show|page)\b',
                       text)
    assert "token" in shown and "profile" in shown
    for language in {p.suffix for p in TEMPLATES}:
        for page in shown:
            assert (REPO / f"htdocs/{page}.shtml{language}").exists(), page


MAIL_NAMES = {"user", "realm", "issuer", "time", "address", "agent", "detail",
              "site", "token", "minutes"}


def test_every_mail_has_a_template_that_uses_only_the_names_there_are():
    notices = (REPO / "src/service/notify.c").read_text()
    kinds = set(re.findall(r'= \{"([a-z-]+)", [01]\}', notices))
    assert "enabled" in kinds
    for path in sources("service"):
        kinds |= set(re.findall(r'\.kind = "([a-z-]+)"', path.read_text()))
    assert "bypass-token" in kinds
    for kind in kinds:
        assert (REPO / f"htdocs/mail/{kind}.txt.en").exists(), kind
    for path in (REPO / "htdocs/mail").iterdir():
        text = path.read_text()
        assert path.name.split(".")[0] in kinds, path.name
        assert re.match(r"Subject: \S.*\n\n\S", text), path.name
        names = set(re.findall(r"\{\{(.*?)\}\}", text))
        assert names <= MAIL_NAMES, path.name
        assert ("token" in names) == path.name.split(".")[0].endswith(
            "-token"), path.name
        assert max(map(len, text.splitlines())) <= 78, path.name


def test_there_is_no_markup_in_c_but_the_qr_code():
    """And our section of mod_status's page, which its modules write so."""
    for path in all_sources():
        if path.name not in ("qr.c", "status.c"):
            strings = re.findall(r'"(?:[^"\\\n]|\\.)*"', path.read_text())
            for string in strings:
                assert not re.search(r"</|<(p|div|html|a|b|svg|br)\b",
                                     string), f"{path.name}: {string}"


def test_sql_is_constant_text_in_one_file():
    """INP-02."""
    for path in all_sources():
        if path.name in ("sql.c", "schema.c"):
            assert "apr_psprintf" not in path.read_text()
        else:
            assert not re.search(r'"(SELECT|INSERT|UPDATE|DELETE) ',
                                 path.read_text()), path.name


def test_statements_bind_as_many_arguments_as_the_table_says():
    """INP-02."""
    text = (REPO / "src/store/sql.c").read_text()
    one = r'(?:\s*"[^"]*")+'
    rows = re.findall(rf'ROW\((\w+), (\d+),({one})\)', text)
    assert len(rows) == len(re.findall(r"^    ROW\(", text, re.M)) > 0
    dialects = re.findall(
        rf'DIALECTS\((\w+), (\d+),({one}),\s*(NULL|{one}),\s*(NULL|{one})\)',
        text)
    assert len(dialects) == len(re.findall(
        r'^    DIALECTS\(\w+, \d+,\s*"', text, re.M)) > 0
    clocked = re.findall(rf'CLOCKED\((\w+), (\d+),({one},{one})\)', text)
    assert len(clocked) == len(re.findall(r"^    CLOCKED\(", text, re.M)) > 0
    ended = re.findall(rf'ENDED\((\w+), (\d+),({one})\)', text)
    assert len(ended) == len(re.findall(r"^    ENDED\(", text, re.M)) > 0
    for name, count, *statements in rows + dialects + clocked + ended:
        for statement in filter(lambda s: s != "NULL", statements):
            assert len(re.findall(r"%(?:s|lld)", statement)) == int(count), \
                name


def test_no_switch_over_an_enum_has_a_default():
    for path in all_sources():
        assert not re.search(r"^\s*default:", path.read_text(), re.M), \
            path.name


def test_no_source_is_longer_than_400_lines():
    names = subprocess.run(
        ["git", "ls-files", "*.c", "*.h", "*.py", "*.sh"], cwd=REPO,
        capture_output=True, text=True, check=True).stdout.split()
    assert names
    for name in filter(lambda n: (REPO / n).exists(), names):
        lines = (REPO / name).read_text().count("\n")
        assert lines <= 400, f"{name}: {lines}"


def test_every_source_names_its_licence():
    for path in [*all_sources(), *(REPO / "src").rglob("*.h")]:
        head = path.read_text().splitlines()[0]
        assert head == "/* SPDX-License-Identifier: Apache-2.0 */", path.name


def test_the_sources_are_formatted_by_the_tool():
    tool = subprocess.run(["sh", "-c", "command -v clang-format"],
                          capture_output=True)
    if tool.returncode != 0:
        pytest.skip("clang-format is not installed")
    done = subprocess.run(
        ["clang-format", "--dry-run", "-Werror",
         *map(str, all_sources())], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
