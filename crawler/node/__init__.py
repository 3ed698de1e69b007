"""JSON-RPC nodes: one at a time, and many as one."""
