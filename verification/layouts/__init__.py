"""Raw files of many systems through all six verbs, with no line of YAML edited."""
