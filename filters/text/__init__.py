"""From bytes to events: every kind of input becomes lines of cells and form feeds."""
