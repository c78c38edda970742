"""The instruments themselves: a broken one would prove anything."""
import socket

import pytest

from cp2fa import oath
from cp2fa.errorlog import ErrorLog
from cp2fa.forms import Page
from cp2fa.httpd import Httpd
from cp2fa.site import forged
from cp2fa.wire import parse

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"     # RFC 6238, appendix B


def test_codes_are_those_of_rfc_6238():
    """OTP-01: appendix B, Time 59 and 1111111109."""
    assert oath.code_at(SECRET, 59 // 30, digits=8) == "94287082"
    assert oath.code_at(SECRET, 1111111109 // 30, digits=8) == "07081804"


def test_a_device_shows_later_codes_only_and_all_within_the_window():
    device = oath.Device(SECRET)
    steps = []
    for _ in range(11):
        device.code()
        steps.append(device.last_step)
    assert steps == sorted(set(steps))
    assert all(abs(step - oath.now_step()) <= oath.WINDOW for step in steps)


def test_a_wrong_code_is_in_no_step_of_the_window():
    device = oath.Device(SECRET)
    wrong = device.wrong_code()
    assert all(wrong != oath.code_at(SECRET, oath.now_step() + n)
               for n in range(-oath.WINDOW, oath.WINDOW + 1))


@pytest.mark.parametrize("line", [
    "[now] [cp2fa:error] [pid 1] CP2FA001: no", "[now] [ssl:emerg] no",
    "[now] [core:notice] AH00052: child pid 7 exit signal Segmentation "
    "fault (11)"])
def test_serious_lines_of_an_error_log_are_seen(tmp_path, line):
    log = ErrorLog(tmp_path / "error.log")
    log.path.write_text("[now] [core:info] fine\n" + line + "\n")
    assert log.errors() == [line]
    log.expect("no$", "AH00052")
    assert log.errors() == []


@pytest.mark.parametrize("line", [
    "src/core/x.c:48:10: runtime error: index 4 out of bounds",
    "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1"])
def test_a_report_of_a_sanitizer_is_seen_in_an_error_log(tmp_path, line):
    """F24: `make sanitize`."""
    log = ErrorLog(tmp_path / "error.log")
    log.path.write_text("[now] [core:info] fine\n" + line + "\n")
    assert log.errors() == [line]


def test_forms_links_and_alerts_are_found_in_a_page():
    page = Page("""<div role="alert"><div><strong>No</strong></div> way</div>
        <form method="post" action="/2fa/token"><p>
        <input type="hidden" name="csrf" value="a&amp;b"></p></form>
        <a href="otpauth://totp/x?secret=A">x</a>""")
    assert page.form("/token").fields == {"csrf": "a&b"}
    assert page.form("/token").method == "POST"
    assert page.link("otpauth:").endswith("secret=A")
    assert page.alert == "No way"
    with pytest.raises(AssertionError):
        page.form("/enable")


def test_an_answer_in_chunks_is_put_together():
    answer = parse(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
                   b"Transfer-Encoding: chunked\r\n\r\n"
                   b"4\r\nprot\r\n5;x=y\r\nected\r\n0\r\n\r\n")
    assert answer.status == 200
    assert answer.body == b"protected"
    assert answer.has("PROTECTED")


def test_a_forged_cookie_has_the_same_form_and_another_value():
    cookie = "__Host-cp2fa=0aZ_" * 3
    assert forged(cookie) != cookie
    assert len(forged(cookie)) == len(cookie)
    assert forged(cookie).startswith("__Host-cp2fa=")


def test_a_server_leaves_no_process_and_no_open_port(tmp_path, certificate):
    httpd = Httpd(tmp_path / "s", certificate, guarded=False).start()
    process, port = httpd.process, httpd.port
    httpd.stop()
    assert process.poll() is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_server_that_can_not_start_says_why(tmp_path, certificate):
    httpd = Httpd(tmp_path / "s", certificate, "Nonsense", guarded=False)
    status, said = httpd.configtest()
    assert status != 0 and "Nonsense" in said
    with pytest.raises(AssertionError, match="Nonsense"):
        httpd.start()


def test_a_crash_is_noticed_unless_httpd_was_told_to_end(tmp_path):
    """What mod_mpm_event's own race at the end leaves is no test's failure."""
    crash = ("[core:notice] [pid 1] AH00052: child pid 2 exit signal "
             "Segmentation fault (11)\n")
    path = tmp_path / "error_log"
    log = ErrorLog(path)
    path.write_text(crash)
    assert log.errors() == [crash.strip()]
    log.is_ending({"3"})
    assert log.errors() == [crash.strip()]
    path.write_text(crash + crash + "[cp2fa:error] CP2FA003: of the end\n")
    assert len(log.errors()) == 2


def test_a_connection_is_given_up_only_by_a_child_that_ends(tmp_path):
    given_up = ("[mpm_event:error] [pid 2:tid 3] (9)Bad file descriptor: "
                "AH03093: process_socket: apr_pollset_add failure\n")
    path = tmp_path / "error_log"
    path.write_text(given_up)
    for staying, lines in (({"2", "4"}, 1), ({"4"}, 0)):
        log = ErrorLog(path)
        assert len(log.errors()) == 1
        log.is_ending(staying)
        assert len(log.errors()) == lines
