"""Which printer is trusted: pins, certificates, the decision, the pin file."""

#: What a queue's option ``trust`` says: who may vouch for its printer; without it each of the printer's pins may.
TRUST_WORDS = ("pin", "ca", "system")
#: Those with which a CA does.
BY_CA = ("ca", "system")
#: What a queue's option ``expired`` says about a pinned certificate that is out of its dates.
EXPIRED_WORDS = ("warn", "refuse")
