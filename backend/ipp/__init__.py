"""RFC 8010 and RFC 8011: IPP messages as values, and as bytes."""
