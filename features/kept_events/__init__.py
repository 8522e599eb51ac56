"""Events as they are kept: in parts that fit in memory."""
