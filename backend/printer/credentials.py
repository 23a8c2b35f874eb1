"""User name and password for a printer: where they come from, and how often they are tried.

From the device URI, else, and when the printer refuses those, from cupsd (AUTH_USERNAME, AUTH_PASSWORD). Nothing of
them leaves before the printer has asked, and it can ask only after its key was proven.
"""

from __future__ import annotations

from backend.errors import AuthenticationRequired

TYPE_CHECKING = False  # h11 and hashes are slow to import, and few printers ask for a password
if TYPE_CHECKING:
    from backend.http.exchange import Response
    from backend.http.auth import Challenge

#: User names and passwords.
Accounts = tuple[tuple[str, str], ...]
#: Challenges answered in a row before the job is held for other credentials (Q-37).
MOST_TRIES = 3


class Credentials:
    """Answers a printer's challenges with one user name and password, and after a refusal with the next."""

    def __init__(
        self, user: str | None, password: str | None, printer: str, *, in_uri: bool = False, others: Accounts = ()
    ) -> None:
        """
        Args:
            in_uri: they are those of the device URI.
            others: user names and passwords for when the printer refuses the first.
        """
        self._user = user
        self._password = password
        self._printer = printer
        self._in_uri = in_uri
        self._others = [each for each in others if each != (user, password)]
        self._challenge: Challenge | None = None
        self._uses = 0
        self._tries: dict[str, int] = {}

    @property
    def asked_for(self) -> bool:
        """True once the printer has asked for a user name and password."""
        return self._challenge is not None

    def take_challenge(self, response: Response, purpose: str = "") -> None:
        """Take the challenge of a 401 response, so that the next request answers it.

        Args:
            purpose: what the request was for, where printers that open to one request may stay closed to another.

        Raises:
            AuthenticationRequired: there is no user name and password, no method in common, or they were refused.
        """
        from backend.http.auth import choose_challenge, is_stale, parse_challenges

        challenges = parse_challenges(response.all("www-authenticate"))
        challenge = choose_challenge(challenges)
        tries = self._tries.get(purpose, 0)
        refused = tries > 0 and not (challenge is not None and is_stale(challenge))
        if refused and challenge is not None and self._others:
            self._user, self._password = self._others.pop(0)
            tries, self._in_uri, refused = 0, False, False
            self._tries.clear()
        if self._password is None or challenge is None or refused or tries >= MOST_TRIES:
            methods = ", ".join(dict.fromkeys(c.scheme for c in challenges))
            raise self._required(methods, tries)
        self._challenge, self._uses = challenge, 0
        self._tries[purpose] = tries + 1

    def refused(self) -> AuthenticationRequired:
        """Return the error for a printer that says no in IPP, where HTTP has asked for nothing more."""
        return AuthenticationRequired(self._printer, int(self.asked_for), in_uri=self._in_uri and self.asked_for)

    def _required(self, methods: str, tries: int) -> AuthenticationRequired:
        return AuthenticationRequired(self._printer, tries, methods, in_uri=self._in_uri and tries > 0)

    def accepted(self, purpose: str = "") -> None:
        """The printer took a request; a challenge that comes later for such a one is new, not a refusal."""
        self._tries.pop(purpose, None)

    def field(self, method: str, target: str) -> str | None:
        """Return the value of the Authorization field for one request, None while the printer has not asked.

        Raises:
            AuthenticationRequired: these credentials cannot be sent the way the printer wants them.
        """
        if self._challenge is None:
            return None
        from backend.http.auth import authorization

        self._uses += 1
        try:
            return authorization(
                self._challenge, self._user or "", self._password or "", method, target, count=self._uses
            )
        except ValueError:
            raise self._required(self._challenge.scheme, max(self._tries.values(), default=0)) from None
