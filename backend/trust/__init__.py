"""Which printer is trusted: pins, certificates, the decision, the pin file."""
