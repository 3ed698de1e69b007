"""The JSON API: one declaration a resource in `v1`, everything else made from it."""
