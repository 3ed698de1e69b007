"""Valid rows of transfers, accounts, rewards, prices, places and bids: more of tests.factories."""

from datetime import timedelta
from decimal import Decimal

from crawler.models.chain import Balance, Bid, BidEra, EraValidator, KnownAccount, Reward, Transfer
from crawler.models.decisions import Approval, Publication
from crawler.models.feeds import Peer, PeerVersion, Price
from crawler.parse.keys import account_hash
from tests.factories import BLOCKS_PER_ERA, CSPR, GENESIS, VALIDATORS, block, digest

ALICE = account_hash(VALIDATORS[0])
BOB = account_hash(VALIDATORS[1])
CAROL = digest("carol")


def transfer(height, index=0, **changes):
    """A row of `transfer`: Alice pays Bob, natively."""
    row = {
        "height": height,
        "index": index,
        "era_id": height // BLOCKS_PER_ERA,
        "kind": "native",
        "deploy_hash": digest(f"deploy {height} {index}"),
        "timestamp": block(height)["timestamp"],
        "submitted_at": block(height)["timestamp"] - timedelta(seconds=3),
        "from_account_hash": ALICE,
        "to_account_hash": BOB,
        "source": f"uref-{digest('alice purse')}",
        "target": f"uref-{digest('bob purse')}",
        "amount": (height + 1) * CSPR,
        "transfer_id": None,
        "depth": 0,
    }
    return row | changes


def known_account(digest_of_it, **changes):
    """A row of `known_account` of which nothing but the hash is known."""
    return {
        "account_hash": digest_of_it,
        "public_key": None,
        "name": None,
        "comment": None,
    } | changes


def balance(digest_of_it, height, motes):
    """A row of `balance`."""
    return {"account_hash": digest_of_it, "height": height, "balance": motes}


def approval(height, index=0, **changes):
    """A row of `approval`: publication 0 counts the transfer."""
    row = {
        "height": height,
        "index": index,
        "publication": 0,
        "era_id": height // BLOCKS_PER_ERA,
        "approved": True,
        "decided_by": None,
        "decided_at": None,
        "reason": None,
    }
    return row | changes


def publication(number, **changes):
    """A row of `publication`: the system's own, or an import."""
    row = {
        "id": number,
        "published_at": GENESIS,
        "schedule": 0,
        "note": None,
        "published_by": None,
        "confirmed_by": None,
        "restores": None,
    }
    return row | changes


def reward(era_id, **changes):
    """A row of `reward`: the second validator's key delegates to the first."""
    row = {
        "era_id": era_id,
        "validator": VALIDATORS[0],
        "delegator": VALIDATORS[1],
        "amount": CSPR,
    }
    return row | changes


def price(hours, close="0.01", **changes):
    """A row of `price`, so many hours after genesis."""
    row = {
        "hour": GENESIS + timedelta(hours=hours),
        "open": Decimal(close),
        "high": Decimal(close),
        "low": Decimal(close),
        "close": Decimal(close),
        "volume_cspr": Decimal(1000),
        "volume_usd": Decimal(10),
        "rounded": False,
    }
    return row | changes


def era_validator(era_id, public_key, weight):
    """A row of `era_validator`."""
    return {"era_id": era_id, "public_key": public_key, "weight": weight}


def peer_version(version):
    """A row of `peer_version`."""
    return {"version": version, "refreshed_at": GENESIS, "source": "a list"}


def peer(version, address, **changes):
    """A row of `peer` in Zug."""
    row = {
        "version": version,
        "address": address,
        "public_key": None,
        "node_version": "2.0.1",
        "role": "validator",
        "country": "CH",
        "region": "Zug",
        "city": "Zug",
        "postal": None,
        "timezone": None,
        "organisation": None,
        "latitude": Decimal("47.166"),
        "longitude": Decimal("8.515"),
        "performance": None,
    }
    return row | changes


def bid(validator, delegator="", **changes):
    """A row of `bid` that holds from era 0 on: a validator's own, or a delegation to it."""
    row = {
        "validator": validator,
        "delegator": delegator,
        "kind": "delegation" if delegator else "bid",
        "release_era": 0,
        "from_era": 0,
        "until_era": None,
        "amount": CSPR,
        "commission": None if delegator else 10,
        "inactive": None if delegator else False,
    }
    return row | changes


def bid_era(era_id):
    """A row of `bid_era`: the era's bids are known."""
    return {"era_id": era_id, "known": True, "unbondings": True}


MORE_TABLES = {
    "transfers": Transfer,
    "accounts": KnownAccount,
    "balances": Balance,
    "approvals": Approval,
    "publications": Publication,
    "rewards": Reward,
    "prices": Price,
    "validators": EraValidator,
    "peer_versions": PeerVersion,
    "peers": Peer,
    "bids": Bid,
    "bid_eras": BidEra,
}
