"""Public pages, one file each: no server state, fed by the JSON API alone."""
