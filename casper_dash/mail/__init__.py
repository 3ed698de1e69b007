"""Letters: written into the outbox with what causes them, sent afterwards, tried again.

`outbox.post` writes one, `sending.send_due` sends what is due, `outbox.letters` lists them.
"""
