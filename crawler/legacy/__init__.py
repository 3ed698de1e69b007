"""The older platform's database: what only it knows, and hints for the crawl."""
