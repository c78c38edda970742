"""An SMTP server that does what a test's script says, on a thread."""
import email
import email.policy
import socket
import ssl
import threading

OK = {"connect": "220 mail.example ESMTP", "EHLO": None, "MAIL": "250 ok",
      "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken",
      "STARTTLS": "220 go on", "AUTH": "235 welcome", "RSET": "250 ok",
      "NOOP": "250 ok", "QUIT": "221 bye"}
STALL, DROP = "stall", "drop"


class SmtpServer:
    """`script` says what differs from a friendly server: verb -> answer,
    STALL (says nothing more) or DROP (hangs up).

    offers     what EHLO tells, "STARTTLS" until TLS is on
    implicit   TLS from the first byte
    """

    def __init__(self, certificate, *, offers=("STARTTLS",), implicit=False,
                 **script):
        self.script = dict(OK)
        self.set(**script)
        self.offers = list(offers)
        self.implicit = implicit
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate.path, certificate.key)
        self.messages = []
        self.commands = []          # (in TLS, line)
        self.stalls = threading.Event()     # somebody is kept waiting
        self._stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def set(self, **script):
        for verb, answer in script.items():
            self.script[{"end": "."}.get(verb, verb)] = answer

    def stop(self):
        self._stopped.set()
        # or the thread, about to accept, would do so on whatever socket has
        # its number next: another test's server
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def verbs(self, *, clear=False):
        return [line.split()[0] for tls, line in self.commands
                if not clear or not tls]

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._guarded, args=(connection,),
                             daemon=True).start()

    def _guarded(self, connection):
        try:
            with connection:
                _Talk(self, connection).run()
        except (OSError, EOFError):
            pass


class _Talk:
    """One connection."""

    def __init__(self, server, connection):
        self.server = server
        self.secure = False
        self._use(connection)
        if server.implicit:
            self._begin_tls()

    def _use(self, connection):
        self.connection = connection
        self.lines = connection.makefile("rb")

    def _begin_tls(self):
        self._use(self.server.tls.wrap_socket(self.connection,
                                              server_side=True))
        self.secure = True

    def say(self, verb):
        """Answers; whether to go on."""
        answer = self.server.script.get(verb, "500 what?")
        if answer == STALL:
            self.server.stalls.set()
            self.server._stopped.wait()
        if answer in (STALL, DROP):
            raise EOFError
        self.connection.sendall(answer.encode() + b"\r\n")
        return answer[0] in "23"

    def hello(self):
        offers = [o for o in self.server.offers
                  if o != "STARTTLS" or not self.secure]
        if self.server.script["EHLO"] is not None:
            return self.say("EHLO")
        lines = ["mail.example", *offers]
        for i, line in enumerate(lines):
            mark = "-" if i + 1 < len(lines) else " "
            self.connection.sendall(f"250{mark}{line}\r\n".encode())
        return True

    def run(self):
        if not self.say("connect"):
            return
        while line := self.lines.readline():
            line = line.decode(errors="replace").strip()
            verb = line.split(" ")[0].upper()
            self.server.commands.append((self.secure, line))
            if verb in ("EHLO", "HELO"):
                self.hello()
            elif verb == "STARTTLS":
                if self.say(verb):
                    self._begin_tls()
            elif verb == "AUTH" and self.server.script[verb][0] == "2":
                self.connection.sendall(b"334 \r\n")
                self.server.commands.append(
                    (self.secure, "AUTH " + self.lines.readline().decode()))
                self.say(verb)
            elif verb == "DATA":
                if self.say(verb):
                    self.take()
            else:
                self.say(verb)
                if verb == "QUIT":
                    return

    def take(self):
        lines = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.messages.append(email.message_from_bytes(
            b"".join(lines), policy=email.policy.default))
        self.say(".")
