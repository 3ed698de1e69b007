"""One block's pieces → its figures, once it is certain that they belong together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from crawler.parse.errors import ParseError
from crawler.parse.figures import BlockFigures, TransferKind, TransferRow
from crawler.parse.keys import SYSTEM_ACCOUNT_HASH, SYSTEM_PUBLIC_KEY, account_hash
from crawler.parse.records import (
    BlockRecord,
    EraInfo,
    StakingKind,
    TransactionRecord,
    TransferRecord,
)
from crawler.parse.rewards import paid


def assemble(
    block: BlockRecord,
    transactions: Sequence[TransactionRecord],
    transfers: Sequence[TransferRecord],
    era_info: EraInfo | None,
    total_supply: int,
) -> BlockFigures:
    """Every figure of a block, from its transactions, its transfers in the node's order, the
    payout of the era that it ends (None elsewhere) and the total supply at its state root.

    An immediate switch block, proposed by the system, pays nobody: its era info is ignored, since
    nodes answer with the era before. Raises ParseError, naming the height, if a piece is missing,
    comes twice or belongs to another block.
    """
    by_hash = _by_hash(block, transactions)
    natives = {listed.hash for listed in block.mint_lane if not by_hash[listed.hash].burn}
    rewards = _rewards(block, era_info)
    own = [amount for (_, delegator), amount in rewards.items() if not delegator]
    shared = [amount for (_, delegator), amount in rewards.items() if delegator]
    weights = block.era_end.next_era_weights if block.era_end else {}
    short = too_few_transfers(block, transactions, transfers)
    _refuse(block, short, "made more transfers than the block's list has")
    # the argument of module bytes can say anything
    possible = [
        entry for entry in transactions if entry.staking and entry.staking.amount <= total_supply
    ]
    return BlockFigures(
        height=block.height,
        deploys=len(transactions) - len(natives),
        transfers=len(natives),
        staked=_sum(possible, "add_bid", "delegate"),
        unstaked=_sum(possible, "withdraw_bid", "undelegate"),
        redelegated=_sum(possible, "redelegate"),
        total_supply=total_supply,
        next_era_weight=sum(weights.values()) if block.switch else None,
        validators=len(own) if block.switch else None,
        validators_rewards=sum(own) if block.switch else None,
        delegators=len(shared) if block.switch else None,
        delegators_rewards=sum(shared) if block.switch else None,
        transfer_rows=_rows(block, transfers, by_hash, natives),
        known_accounts=_known_accounts(transactions, transfers),
        next_era_validators=weights,
        rewards=rewards,
    )


def too_few_transfers(
    block: BlockRecord,
    transactions: Sequence[TransactionRecord],
    transfers: Sequence[TransferRecord],
) -> set[str]:
    """Hashes of transactions that made more transfers than a node's list of them has.

    A successful native transfer makes one, whatever its result says.
    """
    listed = Counter(transfer.transaction_hash for transfer in transfers)
    lane = {entry.hash for entry in block.mint_lane}
    return {
        entry.hash
        for entry in transactions
        if entry.success
        and listed[entry.hash] < max(entry.transfers, entry.hash in lane and not entry.burn)
    }


def _by_hash(
    block: BlockRecord, transactions: Sequence[TransactionRecord]
) -> dict[str, TransactionRecord]:
    """The block's transactions: each one that it lists, once, and no other."""
    listed = Counter(entry.hash for entry in (*block.mint_lane, *block.other_lanes))
    given = Counter(transaction.hash for transaction in transactions)
    elsewhere = (entry.hash for entry in transactions if entry.block_hash != block.hash)
    _refuse(block, (hash for hash, times in listed.items() if times > 1), "is listed twice")
    _refuse(block, (hash for hash, times in given.items() if times > 1), "is given twice")
    _refuse(block, listed.keys() - given.keys(), "is missing")
    _refuse(block, given.keys() - listed.keys(), "is not in the block")
    _refuse(block, elsewhere, "was executed in another block")
    return {transaction.hash: transaction for transaction in transactions}


def _refuse(block: BlockRecord, hashes: Iterable[str], problem: str) -> None:
    first = min(hashes, default=None)
    if first is not None:
        raise _wrong(block, f"transaction {first} {problem}")


def _wrong(block: BlockRecord, problem: str) -> ParseError:
    return ParseError("assemble", problem, f"block {block.height}")


def _rewards(block: BlockRecord, era_info: EraInfo | None) -> dict[tuple[str, str], int]:
    """Motes by validator and delegator, "" for the validator's own."""
    if block.switch and block.proposer == SYSTEM_PUBLIC_KEY:
        return {}
    if block.switch != (era_info is not None):
        raise _wrong(block, "era info " + ("is missing" if block.switch else "of no switch block"))
    if era_info is None:
        return {}
    if (era_info.block_hash, era_info.era_id) != (block.hash, block.era_id):
        raise _wrong(block, f"era info is of era {era_info.era_id}, block {era_info.block_hash}")
    return paid(era_info)


def _sum(transactions: Iterable[TransactionRecord], *kinds: StakingKind) -> int:
    return sum(
        transaction.staking.amount
        for transaction in transactions
        if transaction.success and transaction.staking and transaction.staking.kind in kinds
    )


def _rows(
    block: BlockRecord,
    transfers: Sequence[TransferRecord],
    by_hash: Mapping[str, TransactionRecord],
    natives: Set[str],
) -> tuple[TransferRow, ...]:
    hashes = (entry.transaction_hash for entry in transfers)
    strangers = (hash for hash in hashes if hash not in by_hash)
    _refuse(block, strangers, "made a transfer, but is not in the block")
    return tuple(
        TransferRow(
            index=index,
            kind=_kind(transfer, natives),
            transaction_hash=transfer.transaction_hash,
            submitted_at=by_hash[transfer.transaction_hash].submitted_at,
            from_account_hash=transfer.from_account_hash,
            to_account_hash=transfer.to_account_hash,
            source=transfer.source,
            target=transfer.target,
            amount=transfer.amount,
            transfer_id=transfer.transfer_id,
        )
        for index, transfer in enumerate(transfers)
    )


def _kind(transfer: TransferRecord, natives: Set[str]) -> TransferKind:
    if transfer.transaction_hash in natives:
        return "native"
    return "staking" if transfer.to_account_hash == SYSTEM_ACCOUNT_HASH else "contract"


def _known_accounts(
    transactions: Iterable[TransactionRecord], transfers: Iterable[TransferRecord]
) -> dict[str, str]:
    shown = [
        key for entry in transactions for key in (entry.initiator_public_key, *entry.public_keys)
    ]
    shown += [key for entry in transfers for key in (entry.from_public_key, entry.to_public_key)]
    return {account_hash(key): key for key in shown if key}
