"""SELECTs of the older platform's API: selections by its `filter`, and its own orders and cuts."""
