"""Several pictures on one, with a caption each: for the documentation."""
import base64
import struct
import zlib
from html import escape

# name: (width of a picture, which None leaves as it is, [(picture, caption)])
SHEETS = {
    "token-desktop-light": (None, [("token-desktop-light", "")]),
    "log-in": (None, [
        ("login-phone-light", "The log-in page"),
        ("login-error-phone-dark", "A wrong password"),
        ("token-phone-dark", "The PIN, on the next page"),
        ("token-wait-phone-light", "Wrong PINs cost a wait")]),
    "setting-up": (None, [
        ("enroll-start-phone-dark", "Before"),
        ("enroll-phone-light", "The QR code"),
        ("recovery-codes-phone-dark", "Recovery codes, once")]),
    "phone-gone": (None, [
        ("recovery-error-phone-light", "A recovery code"),
        ("bypass-sent-phone-dark", "The way by mail"),
        ("bypass-error-phone-light", "A wrong token")]),
    "my-profile": (640, [
        ("profile-devices-sessions-desktop-light", "Two apps, three sessions"),
        ("profile-few-codes-desktop-dark", "Few codes left")]),
    "programs": (None, [
        ("app-tokens-phone-light", "A token, shown once"),
        ("app-tokens-phone-dark", "The same, dark")]),
    "signed-out": (None, [
        ("signed-out-phone-light", "After Log out"),
        ("signed-out-basic-phone-dark", "The same, under Basic"),
        ("error-404-phone-light", "An error")]),
    "latvian": (None, [
        ("lv-login-phone-light", "Log-in"),
        ("lv-token-error-phone-light", "A wrong PIN"),
        ("lv-bypass-sent-phone-light", "The way by mail")]),
}
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Sheet</title><style>
body {{ display: flex; align-items: start; gap: 24px; margin: 0; padding: 24px;
    width: max-content; background: #7a827f;
    font: 600 18px system-ui, "Liberation Sans", sans-serif; color: #fff }}
figure {{ margin: 0; width: {width} }}
figcaption {{ margin: 0 0 10px }}
img {{ display: block; max-width: 100% }}
</style>{figures}"""
FIGURE = ('<figure><figcaption>{caption}</figcaption>'
          '<img src="data:image/png;base64,{data}"></figure>')


def sheet(browser, name, folder):
    """That sheet, as PNG, of the pictures in the folder."""
    width, pictures = SHEETS[name]
    files = [((folder / f"{picture}.png").read_bytes(), caption)
             for picture, caption in pictures]
    if len(files) == 1:
        return squeeze(files[0][0])
    page = folder / "sheet.html"
    page.write_text(PAGE.format(
        width=f"{width}px" if width else "auto", figures="".join(
        FIGURE.format(caption=escape(caption),
                      data=base64.b64encode(data).decode())
        for data, caption in files)))
    browser.look(2000, 800)
    try:
        browser.open(page.as_uri())
        wide = browser.driver.execute_script(
            "return Math.ceil(document.body.getBoundingClientRect().width)")
        browser.look(wide, 800)
        return squeeze(browser.picture())
    finally:
        page.unlink()


def squeeze(png):
    """The same picture in fewer bytes: Chromium is quick, not thorough."""
    made, at, data = png[:8], 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        at += size + 12
        if kind == b"IDAT":
            data += body
            continue
        if kind == b"IEND":
            made += chunk(b"IDAT", zlib.compress(zlib.decompress(data), 9))
        made += chunk(kind, body)
    return made


def chunk(kind, body):
    return (struct.pack(">I", len(body)) + kind + body
            + struct.pack(">I", zlib.crc32(kind + body)))
