"""A network's whole history in a folder: Parquet files, a manifest, a checksum for each file."""
