"""Finds forms, links and alerts in a page, as a browser would."""
from html.parser import HTMLParser


class Form:
    def __init__(self, action, method):
        self.action = action
        self.method = method.upper()
        self.fields = {}


class Page(HTMLParser):
    """The forms, links and alert text of an HTML page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.forms = []
        self.links = []
        self.alert = None
        self._alert_depth = 0
        self.feed(html)
        self.close()

    def form(self, action_end):
        """The first form whose action ends so."""
        for form in self.forms:
            if form.action.split("?")[0].endswith(action_end):
                return form
        found = [form.action for form in self.forms]
        raise AssertionError(f"no form for {action_end}, only {found}")

    def link(self, start):
        """The first link target that starts so."""
        for target in self.links:
            if target.startswith(start):
                return target
        raise AssertionError(f"no link {start}…, only {self.links}")

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append(Form(attrs.get("action") or "",
                                   attrs.get("method") or "get"))
        elif (tag == "input" and self.forms and attrs.get("name")
              and (attrs.get("type") != "checkbox" or "checked" in attrs)):
            self.forms[-1].fields[attrs["name"]] = attrs.get("value") or ""
        elif tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])
        if tag == "div":
            if self._alert_depth or attrs.get("role") == "alert":
                self._alert_depth += 1
                self.alert = self.alert or ""

    def handle_endtag(self, tag):
        if tag == "div" and self._alert_depth:
            self._alert_depth -= 1

    def handle_data(self, data):
        if self._alert_depth:
            self.alert += data
