"""Documents that are pages already: PDF for the printer, and PDF for the eye."""
