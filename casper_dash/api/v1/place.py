"""Where a node stands, as validators and peers show it."""

from casper_dash.api.kinds import DECIMAL, TEXT, Field, nested

COORDINATES = (
    Field("latitude", DECIMAL, "Degrees north.", nullable=True),
    Field("longitude", DECIMAL, "Degrees east.", nullable=True),
)
TOWN = (
    Field("country", TEXT, "ISO 3166 code of two letters.", nullable=True),
    Field("region", TEXT, "State or province.", nullable=True),
    Field("city", TEXT, "City.", nullable=True),
)
PLACE = nested((*TOWN, *COORDINATES))
