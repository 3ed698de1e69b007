"""The sandbox's chain as the JSON that nodes answer with. Pure: chain in, plain values out."""
