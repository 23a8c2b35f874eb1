"""From lines of text to sides of sheets: what stands where, without a word about how a printer is told."""
