"""Era summaries: who was paid at a switch block."""

from crawler.sandbox.answers.clvalue import Json
from crawler.sandbox.answers.stakes import delegator_kind
from crawler.sandbox.block import SYSTEM_KEY, Allocation, Block
from crawler.sandbox.chain import Chain

MERKLE_PROOF = "0100000000" + "00" * 64
"""Well-formed length, no proof of anything: nothing here verifies one."""


def era_summary(chain: Chain, block: Block) -> Json:
    """The `era_summary` of a switch block.

    After an upgrade's immediate switch block, state still holds what the era before was paid: a
    node answers with that, under the new block's name.
    """
    immediate = block.header.proposer == SYSTEM_KEY
    paid = chain.switch_block(block.header.era_id - 1) if immediate else block
    allocations = [
        _allocation(each, is_v2=block.header.is_v2) for each in (paid.allocations if paid else ())
    ]
    return {
        "block_hash": block.hash.hex(),
        "era_id": block.header.era_id,
        "stored_value": {"EraInfo": {"seigniorage_allocations": allocations}},
        "state_root_hash": block.header.state_root_hash.hex(),
        "merkle_proof": MERKLE_PROOF,
    }


def _allocation(allocation: Allocation, *, is_v2: bool) -> Json:
    paid = {"validator_public_key": allocation.validator, "amount": str(allocation.amount)}
    if not allocation.delegator:
        return {"Validator": paid}
    if is_v2:
        kind = delegator_kind(allocation.delegator)
        return {"DelegatorKind": {"delegator_kind": kind, **paid}}
    return {"Delegator": {"delegator_public_key": allocation.delegator, **paid}}
