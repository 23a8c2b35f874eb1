"""The bytes of a job: told apart, read in blocks, kept as long as they may be needed."""
