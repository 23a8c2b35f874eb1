"""One job: its story, what is asked for, its options as IPP attributes, its other ends."""
