"""/api/admin/v1: what the panel shows and does, for programs. Served where the panel is, only.

One file a noun declares what is read (`Reading`) and what is done (`Action`); routes, checks of the
caller and the OpenAPI document are made from these. It does not know the panel's pages.
"""
