"""What happened, for those who have to know it later: the audit log."""
