"""A memcached on a thread, which spoils what it was given to keep."""
import random
import socketserver
import threading


def whole(value, kept):
    return value


def flipped(value, kept):
    """A bit of it turned over: each time another."""
    at = random.randrange(len(value))
    return (value[:at] + bytes([value[at] ^ (1 << random.randrange(7))])
            + value[at + 1:])


def cut(value, kept):
    return value[:random.randrange(len(value))]


def junk(value, kept):
    return random.randbytes(random.choice([1, len(value), 5000]))


def swapped(value, kept):
    """What belongs to another key."""
    return random.choice([one for one in kept if one != value] or [b""])


class Memcached:
    """`spoil(value, all of them)` makes the answers; None hangs up."""

    def __init__(self, spoil=whole):
        self.spoil = spoil
        self.kept = {}
        self.answers = 0
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while line := self.rfile.readline():
                    if outer.spoil is None:
                        return
                    outer.obey(line.split(), self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def obey(self, words, requests, answers):
        verb, key = words[0], words[1] if len(words) > 1 else b""
        if verb == b"set":
            self.kept[key] = requests.read(int(words[4]) + 2)[:-2]
            answers.write(b"STORED\r\n")
        elif verb == b"get" and key in self.kept:
            value = self.spoil(self.kept[key], list(self.kept.values()))
            self.answers += 1
            answers.write(b"VALUE %s 0 %d\r\n%s\r\nEND\r\n"
                          % (key, len(value), value))
        elif verb == b"get":
            answers.write(b"END\r\n")
        elif verb == b"delete":
            answers.write(b"DELETED\r\n" if self.kept.pop(key, None)
                          else b"NOT_FOUND\r\n")
        else:
            answers.write(b"VERSION 1.6.18\r\n")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
