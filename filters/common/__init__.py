"""What backend and filters both stand on: jobs, reports, printer descriptions, media."""
