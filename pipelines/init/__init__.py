"""leadready init: a workspace from a CRM export."""
