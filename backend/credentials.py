"""User name and password for a printer: where they come from, and how often they are tried (spec 6).

From the device URI, else from cupsd (AUTH_USERNAME, AUTH_PASSWORD). Nothing of them leaves before the printer has
asked, and it can ask only after its key was proven.
"""

from __future__ import annotations

from backend.errors import AuthenticationRequired

TYPE_CHECKING = False  # h11 and hashes are slow to import, and few printers ask for a password
if TYPE_CHECKING:
    from backend.http.exchange import Response
    from backend.http.auth import Challenge

#: Challenges answered in a row before the job is held for other credentials (Q-37).
MOST_TRIES = 3


class Credentials:
    """Answers a printer's challenges with one user name and password."""

    def __init__(self, user: str | None, password: str | None, printer: str) -> None:
        self._user = user
        self._password = password
        self._printer = printer
        self._challenge: Challenge | None = None
        self._uses = 0
        self._tries = 0

    def take_challenge(self, response: Response) -> None:
        """Take the challenge of a 401 response, so that the next request answers it.

        Raises:
            AuthenticationRequired: there is no user name and password, no method in common, or they were refused.
        """
        from backend.http.auth import choose_challenge, is_stale, parse_challenges

        challenges = parse_challenges(response.all("www-authenticate"))
        challenge = choose_challenge(challenges)
        refused = self._tries > 0 and not (challenge is not None and is_stale(challenge))
        if self._password is None or challenge is None or refused or self._tries >= MOST_TRIES:
            methods = ", ".join(dict.fromkeys(c.scheme for c in challenges))
            raise AuthenticationRequired(self._printer, self._tries, methods)
        self._challenge, self._uses = challenge, 0
        self._tries += 1

    def accepted(self) -> None:
        """The printer took a request; a challenge that comes later is a new one, not a refusal."""
        self._tries = 0

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
            raise AuthenticationRequired(self._printer, self._tries, self._challenge.scheme) from None
