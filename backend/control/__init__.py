"""ipps443ctl, the administrator's command: one module per group of subcommands."""
