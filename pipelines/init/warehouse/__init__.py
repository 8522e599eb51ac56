"""A CRM's tables in a warehouse, in place of files for ``leadready init``."""
