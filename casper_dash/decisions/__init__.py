"""What curators decide: review, schedule, labels, and how it is published. No pages, no HTTP.

Whoever calls has checked the caller's role; every change is audited in its own transaction.
"""
