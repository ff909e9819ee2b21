"""What HR decides: scheme, rules, conditions, calendars, who may see what; and the checks that all of it is sound."""
