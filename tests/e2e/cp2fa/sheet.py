"""Several pictures on one, with a caption each: for the documentation."""
import base64
from html import escape

# name: (width of a picture, [(picture, caption)])
SHEETS = {
    "token-desktop-light": (1280, [("token-desktop-light", "")]),
    "log-in": (320, [
        ("login-phone-light", "The log-in page"),
        ("login-error-phone-dark", "A wrong password"),
        ("token-phone-dark", "The PIN, on the next page"),
        ("token-wait-phone-light", "Wrong PINs cost a wait")]),
    "setting-up": (320, [
        ("enroll-phone-light", "The QR code"),
        ("enroll-error-phone-dark", "A wrong PIN"),
        ("recovery-codes-phone-light", "Recovery codes, once"),
        ("profile-off-phone-dark", "My Profile before")]),
    "phone-gone": (320, [
        ("recovery-phone-light", "A recovery code"),
        ("recovery-error-phone-dark", "A wrong one"),
        ("bypass-sent-phone-light", "The way by mail"),
        ("bypass-error-phone-dark", "A wrong token")]),
    "my-profile": (640, [
        ("profile-devices-sessions-desktop-light", "Two apps, three sessions"),
        ("profile-few-codes-desktop-dark", "Few codes left")]),
    "latvian": (320, [
        ("lv-login-phone-light", "Log-in"),
        ("lv-token-error-phone-light", "A wrong PIN"),
        ("lv-recovery-codes-phone-light", "Recovery codes"),
        ("lv-bypass-sent-phone-light", "The way by mail")]),
}
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Sheet</title><style>
body {{ display: flex; align-items: start; gap: 24px; margin: 0; padding: 24px;
    width: max-content; background: #7a827f;
    font: 600 18px system-ui, "Liberation Sans", sans-serif; color: #fff }}
figure {{ margin: 0; width: {width}px }}
figcaption {{ margin: 0 0 10px }}
img {{ display: block; width: 100% }}
</style>{figures}"""
FIGURE = ('<figure><figcaption>{caption}</figcaption>'
          '<img src="data:image/png;base64,{data}"></figure>')


def sheet(browser, name, folder):
    """That sheet, as PNG, of the pictures in the folder."""
    width, pictures = SHEETS[name]
    files = [((folder / f"{picture}.png").read_bytes(), caption)
             for picture, caption in pictures]
    if len(files) == 1:
        return files[0][0]
    page = folder / "sheet.html"
    page.write_text(PAGE.format(width=width, figures="".join(
        FIGURE.format(caption=escape(caption),
                      data=base64.b64encode(data).decode())
        for data, caption in files)))
    browser.look(len(files) * (width + 24) + 24, 800)
    try:
        browser.open(page.as_uri())
        return browser.picture()
    finally:
        page.unlink()
