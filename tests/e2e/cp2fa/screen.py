"""Measures a page as people with other eyes, hands and settings meet it."""
from . import axe
from .chrome import DESKTOP

NARROW = (320, 640)
LOOKS = [(NARROW, "light"), (NARROW, "dark"),
         (DESKTOP, "light"), (DESKTOP, "dark")]
ZOOM = (640, 450)       # what a window of 1280 by 900 holds at 200 %

MOVING = """
const moves = [];
for (const e of document.querySelectorAll('*'))
    for (const part of [null, '::before', '::after']) {
        const s = getComputedStyle(e, part);
        if (/[1-9]/.test(s.transitionDuration) || s.animationName !== 'none'
                || s.scrollBehavior === 'smooth')
            moves.push(e.tagName + (part || ''));
    }
return moves;
"""

# WCAG 1.4.12: spacing that a reader may choose; 1.4.4: letters twice as big
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }"""
LETTERS = ":root { font-size: 200% !important; }"
RESTYLE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(arguments[0]);
document.adoptedStyleSheets = [sheet];
"""
# what is wider than the screen, or than its box
WIDE = """
const root = document.documentElement;
return [root.scrollWidth > root.clientWidth
    ? ['the page, by ' + (root.scrollWidth - root.clientWidth)] : [],
    [...document.querySelectorAll('h1,h2,h3,p,label,button,a,li,dd,pre')]
    .filter(e => e.offsetWidth && e.scrollWidth > e.clientWidth + 1
            && getComputedStyle(e).display !== 'inline')
    .map(e => e.outerHTML.slice(0, 120))].flat();
"""

CONTROLS = """
window.controls = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), [tabindex="0"]')]
    .filter(e => e.offsetWidth);
return window.controls.map(e => e.outerHTML.slice(0, 160));
"""
# which control has the focus, and what hinders one to see that
FOCUSED = """
const e = document.activeElement, n = window.controls.indexOf(e);
if (n < 0) return [-1, null];
const s = getComputedStyle(e), box = e.getClientRects()[0];
const top = document.elementFromPoint(box.x + box.width / 2,
                                      box.y + Math.min(box.height / 2, 40));
return [n, s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2
    ? 'no outline' : !top || !(e.contains(top) || top.contains(e))
    ? 'hidden' : null];
"""

# what a screen reader hears of an error, and an eye sees as the page comes
ERRORS = """
const alerts = [...document.querySelectorAll('[role=alert]')];
const invalid = [...document.querySelectorAll('[aria-invalid=true]')];
const word = {lv: 'Kļūda'}[document.documentElement.lang] || 'Error';
return [
    ...document.title.startsWith(word) === alerts.length > 0
        ? [] : ['the title says otherwise'],
    ...invalid.filter(e => !alerts.some(
        a => a.id && a.id === e.getAttribute('aria-describedby')))
        .map(e => e.outerHTML),
    ...alerts.filter(e => e.getBoundingClientRect().top >= innerHeight
                     || e.getBoundingClientRect().bottom <= 0)
        .map(() => 'the alert is out of sight'),
];
"""


class Screen:
    """All that was measured of one state."""

    def __init__(self, person, looks=tuple(LOOKS)):
        person.cdp("Emulation.setScriptExecutionDisabled", value=False)
        script = person.driver.execute_script
        self.status, self.heading = person.status(), person.heading
        self.alert = person.alert
        self.language = person.one("html").get_attribute("lang")
        self.errors = script(ERRORS)
        self.faults, self.overflow = {}, {}
        axe.inject(person)
        for size, scheme in looks:
            person.look(*size, scheme)
            self.rules, faults = axe.run(person)
            for fault in faults:
                self.faults.setdefault(fault, []).append(
                    f"{size[0]} {scheme}")
            self._measure(person, size[0])
        self.moving = script(MOVING)
        person.look(*ZOOM, scale=2)
        self._measure(person, "200 %")
        script(RESTYLE, SPACING)
        person.look(*NARROW)
        self._measure(person, "spacing")
        person.look(*DESKTOP)
        script(RESTYLE, LETTERS)
        self._measure(person, "letters")
        script(RESTYLE, "")
        self._tab_through(person)
        person.look(*NARROW)        # as which the next page comes
        person.cdp("Emulation.setScriptExecutionDisabled", value=True)

    def _measure(self, person, how):
        wide = person.driver.execute_script(WIDE)
        if wide:
            self.overflow[how] = wide

    def _tab_through(self, person):
        """Presses Tab until every control must have had its turn."""
        controls = person.driver.execute_script(CONTROLS)
        self.order, self.unseen = [], []
        for _ in range(len(controls) + 2):     # it may begin midway
            person.cdp("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab",
                       code="Tab", windowsVirtualKeyCode=9)
            at, hindrance = person.driver.execute_script(FOCUSED)
            if at >= 0 and at not in self.order:
                self.order.append(at)
                if hindrance:
                    self.unseen.append((hindrance, controls[at]))
        self.unreached = [text for n, text in enumerate(controls)
                          if n not in self.order]
