"""Every SELECT of the API and the pages, one file a resource. Nothing here writes."""
