"""Who may use the admin panel: people, their proofs, sessions and tokens.

`sessions.who` says who asks, `routes.auth_routes` are the plain HTTP routes, `people` and
`account` what administrators and everybody do, `start.open_for_people` is called once before
serving. Nothing here knows the panel.
"""
