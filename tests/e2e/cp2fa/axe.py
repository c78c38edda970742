"""axe-core, the accessibility checker, from the npm registry.

It is kept in build/axe/, never in the tree, and runs in the tests' browser
only: by the debugger, which our Content-Security-Policy doesn't bind.
"""
import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .httpd import REPO

VERSION = "4.14.1"      # one version: a new one may have new rules
SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
KEPT = REPO / "build" / "axe" / f"axe-core-{VERSION}.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
        "best-practice"]
# target-size, WCAG 2.2's, is off unless one asks for it
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {
    runOnly: {type: 'tag', values: arguments[0]},
    rules: {'target-size': {enabled: true}},
    resultTypes: ['violations', 'incomplete'],
    preload: false,
}).then(found => {
    const brief = kind => rule => rule.nodes.map(node => [
        kind, rule.id, node.target.join(' '),
        [...node.any, ...node.all, ...node.none].map(c => c.message)
            .join('; ')].join(': '));
    done({rules: found.violations.length + found.passes.length,
          faults: [...found.violations.flatMap(brief('violation')),
                   ...found.incomplete.flatMap(brief('incomplete'))]});
}, error => done({rules: 0, faults: [String(error)]}));
"""


def source():
    """The text of axe.min.js; fetched the first time."""
    if not KEPT.exists():
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT.parent) as folder:
            _fetch(Path(folder))
    return KEPT.read_text()


def _fetch(folder):
    try:
        done = subprocess.run(
            ["npm", "pack", "--silent", f"axe-core@{VERSION}"], cwd=folder,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=120)
        said, failed = done.stdout, done.returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        said, failed = str(error), True
    packed = folder / f"axe-core-{VERSION}.tgz"
    assert not failed and packed.exists(), (
        f"axe-core {VERSION} can't be had from the npm registry, and the "
        f"accessibility tests are nothing without it. Install npm "
        f"(tools/deps test), or put axe.min.js at {KEPT}. npm said: {said}")
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == SHA256, \
        f"what npm brought is not axe-core {VERSION}"
    fresh = folder / "axe.min.js"
    with tarfile.open(packed) as archive:
        fresh.write_bytes(archive.extractfile("package/axe.min.js").read())
    os.replace(fresh, KEPT)


def inject(browser):
    """Makes axe known to the page that is shown."""
    found = browser.cdp("Runtime.evaluate", expression=source() + "; null")
    assert "exceptionDetails" not in found, found


def run(browser):
    """(how many rules had something to judge, what is wrong)."""
    found = browser.driver.execute_async_script(RUN, TAGS)
    return found["rules"], found["faults"]
