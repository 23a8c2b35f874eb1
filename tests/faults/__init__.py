"""The backend against everything that can go wrong: one real process a case, one scripted printer a case."""
