"""A request shape: one way of configuring and asking that could leak."""
from dataclasses import dataclass, field, replace

from .wire import Request

WIRES = ("h1", "h2")


@dataclass(frozen=True)
class Shape:
    """One row of the bypass matrix.

    In every text, @NAME@ is the shape's name and @MARKER@ its marker: the
    protected bytes, which nobody may see without both factors.
    """

    name: str
    config: str = ""            # inside the TLS virtual host
    server: str = ""            # at server level, beside it
    files: dict = field(default_factory=dict)   # under docs/@NAME@/
    request: Request = Request("/@NAME@/secret.txt")
    marker: str = "protected-bytes-of-@NAME@"
    served: int = 200           # status with both; None: stays closed
    refused: tuple = ()         # statuses without both, where not the usual
    challenges: bool = True     # a 401 says what for
    leaks_to: str = "first factor only"     # who sees it with the guard off
    prepare: object = None      # f(world), before each request
    effect: object = None       # f(world): did it do what it must not?
    wires: tuple = WIRES
    why: str = ""               # where it isn't plain from the name

    def fill(self, text):
        return text.replace("@MARKER@", self.marker) \
                   .replace("@NAME@", self.name)

    def filled(self):
        """The same shape with every @…@ replaced."""
        shape = replace(self, marker=self.fill(self.marker))
        request = self.request
        return replace(
            shape,
            config=shape.fill(self.config), server=shape.fill(self.server),
            files={shape.fill(k): shape.fill(v)
                   for k, v in self.files.items()},
            request=replace(
                request, target=shape.fill(request.target),
                headers={k: v if v is None else shape.fill(v)
                         for k, v in request.headers.items()}))

    def leaked(self, answer, world):
        """Whether the answer or the world shows what is protected."""
        return answer.has(self.marker) or bool(
            self.effect and self.effect(world))


SECRET = {"secret.txt": "@MARKER@\n"}


def guarded(authz="Require valid-user", *more):
    """A <Location> for the shape's folder, with the guard in it."""
    lines = ["Include conf/guard.conf", authz, *more]
    return "\n".join(['<Location "/@NAME@/">', *lines, "</Location>"])


def directory(folder, *lines):
    return "\n".join([f'<Directory "${{DOCS}}/@NAME@{folder}">', *lines,
                      "</Directory>"])


GUARD = ("Include conf/guard.conf", "Require valid-user")
OPEN = ("Require all granted",)
