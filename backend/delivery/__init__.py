"""One document to the printer: every answer, every refusal and every loss."""
