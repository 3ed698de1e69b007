"""SELECTs of those who run the platform: what no public page shows."""
