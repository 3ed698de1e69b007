"""Shows what the crawler keeps: the JSON API, the public pages and the administration."""
