"""Events to pages: lines of runs on a grid."""
