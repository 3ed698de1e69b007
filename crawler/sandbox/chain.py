"""The sandbox's chain: genesis, then block after block, the same for the same parameters."""

from crawler.sandbox import network
from crawler.sandbox.auction import Auction, Stakes, weights
from crawler.sandbox.block import (
    SYSTEM_KEY,
    Allocation,
    Block,
    EraEnd,
    Header,
    Request,
    Transaction,
)
from crawler.sandbox.encoding import blake2b, block_hash, body_hash_v1, body_hash_v2, u64
from crawler.sandbox.execution import Surroundings, execute
from crawler.sandbox.ledger import Ledger
from crawler.sandbox.parameters import ChainParameters, number
from crawler.sandbox.traffic import Traffic

REWARDED_SIGNATURES = (b"\xfe", b"\x00", b"\x00")
SUSTAIN_PERCENT = 25
"""From 2.2.0: the part of an era's new motes that goes to a fixed purse, not to stakers."""
_TRANSFER_PRICE_FIRST = 10_000
_TRANSFER_PRICE = 100_000_000
_PRICE = 2_500_000_000
_SUBMITTED_BEFORE_MS = 8_000
_ROOT_OF_EVERY_BLOCK_FROM = (1, 5, 0)
_BLOCK_COUNT_BITS = 16


class Chain:
    """All blocks up to the head, and the state behind them.

    A new chain holds its genesis block. Use from one thread at a time.
    """

    def __init__(self, parameters: ChainParameters | None = None) -> None:
        self.parameters = parameters or ChainParameters()
        self.ledger = Ledger()
        self.auction = Auction(self.ledger)
        self.blocks: list[Block] = []
        self.heights: dict[bytes, int] = {}
        """Block hash → height."""
        self.first_height_of_root: dict[bytes, int] = {}
        """State root → the first block that has it."""
        self.switch_heights: list[int] = []
        """Era → height of its switch block."""
        self._places: dict[bytes, int] = {}
        self._traffic = Traffic(self.parameters)
        self._place_in_era = 0
        self._era_version = self.parameters.version_of(0)
        self._proposers: tuple[str, ...] = (SYSTEM_KEY,)
        self._make_genesis()

    @property
    def head(self) -> Block:
        return self.blocks[-1]

    @property
    def height(self) -> int:
        return len(self.blocks) - 1

    def advance(self, count: int = 1) -> None:
        """Add blocks at the history's pace."""
        for _ in range(count):
            self.add_block(self.scheduled_time_ms(self.height + 1))

    def scheduled_time_ms(self, height: int) -> int:
        """When a block is due that keeps the history's pace."""
        return self.parameters.genesis_time_ms + height * self.parameters.block_interval_ms

    def transaction(self, transaction_hash: bytes) -> tuple[Block, Transaction] | None:
        """A transaction and the block that holds it."""
        packed = self._places.get(transaction_hash)
        if packed is None:
            return None
        block = self.blocks[packed >> _BLOCK_COUNT_BITS]
        return block, block.transactions[packed & ((1 << _BLOCK_COUNT_BITS) - 1)]

    def switch_block(self, era_id: int) -> Block | None:
        """The block that ends an era; None while it runs."""
        if 0 <= era_id < len(self.switch_heights):
            return self.blocks[self.switch_heights[era_id]]
        return None

    def last_switch_block(self, block: Block) -> Block:
        """The newest switch block up to a block, which may be itself."""
        era_id = block.header.era_id
        return self.blocks[self.switch_heights[era_id if block.is_switch else era_id - 1]]

    def add_block(self, timestamp_ms: int) -> Block:
        """Make the next block. Raises ValueError if its time is not later than the head's."""
        parent = self.head
        if timestamp_ms <= parent.header.timestamp_ms:
            raise ValueError(f"block {parent.height + 1} must be later than its parent")
        height = parent.height + 1
        era_id = parent.header.era_id + parent.is_switch
        self._place_in_era = 0 if parent.is_switch else self._place_in_era + 1
        self.ledger.height = height
        if self._place_in_era == 0:
            self._era_version = self.parameters.version_of(era_id)
            self._proposers = tuple(sorted(self.auction.running))
            if self.parameters.is_immediate(era_id):
                return self._add_immediate_switch_block(era_id, timestamp_ms)
        seed = self._next_seed()
        proposer = self._proposers[seed[0] % len(self._proposers)]
        transactions = self._transactions(era_id, proposer, timestamp_ms)
        switch = self._place_in_era == self.parameters.blocks_per_era - 1
        era_end, allocations = self._end_era(era_id) if switch else (None, ())
        return self._append(
            self._header(era_id, timestamp_ms, proposer, seed, era_end), transactions, allocations
        )

    def _make_genesis(self) -> None:
        for entry in network.genesis_accounts():
            self.ledger.mint(entry.account.purse, entry.balance)
            if entry.stake:
                validator = entry.validator or entry.account
                delegator = entry.account.public_key if entry.validator else ""
                self.auction.bond(validator.public_key, delegator, entry.stake)
                self.ledger.mint_stake(entry.stake)
        self.auction.start()
        seed = blake2b(f"{self.parameters.chain_name} {self.parameters.seed}".encode())
        era_end = EraEnd(weights(self.auction.coming), {}, {})
        self._append(
            self._header(0, self.parameters.genesis_time_ms, SYSTEM_KEY, seed, era_end), (), ()
        )

    def _add_immediate_switch_block(self, era_id: int, timestamp_ms: int) -> Block:
        """The upgrade's own block: it pays nobody, and may mint what the upgrade grants."""
        if era_id == self.parameters.treasury_era:
            self.ledger.mint(network.TREASURY_PURSE, network.TREASURY_AMOUNT)
        era_end = EraEnd(weights(self.auction.coming), {}, {})
        self.auction.turn_era()
        seed = self._next_seed()
        return self._append(self._header(era_id, timestamp_ms, SYSTEM_KEY, seed, era_end), (), ())

    def _next_seed(self) -> bytes:
        forks = self.ledger.height == self.parameters.fork_height
        seed = self.head.header.accumulated_seed + self.head.hash
        return blake2b(seed + b"fork" if forks else seed)

    def _transactions(
        self, era_id: int, proposer: str, timestamp_ms: int
    ) -> tuple[Transaction, ...]:
        requests = self._traffic.next(self.ledger.height, era_id)
        if not requests:
            return ()
        burnt = number(self._era_version) >= (2, 0, 0)
        fee_purse = None if burnt else _PURSES[proposer]
        around = Surroundings(self.ledger, self.auction, era_id, fee_purse)
        return tuple(
            self._run(request, around, place, timestamp_ms)
            for place, request in enumerate(requests)
        )

    def _run(
        self, request: Request, around: Surroundings, place: int, timestamp_ms: int
    ) -> Transaction:
        outcome = execute(request, around, self._price(request))
        identity = b"%d %d " % (self.ledger.height, place) + self.head.hash
        transaction_hash = blake2b(identity)
        self._places[transaction_hash] = self.ledger.height << _BLOCK_COUNT_BITS | place
        submitted_at_ms = timestamp_ms - _SUBMITTED_BEFORE_MS - place
        return Transaction(
            transaction_hash, request, submitted_at_ms,
            outcome.cost, outcome.error, outcome.transfers,
        )  # fmt: skip

    def _price(self, request: Request) -> int:
        if not request.form.is_native_transfer:
            return _PRICE
        return _TRANSFER_PRICE_FIRST if self._era_version == "1.0.0" else _TRANSFER_PRICE

    def _end_era(self, era_id: int) -> tuple[EraEnd, tuple[Allocation, ...]]:
        version = number(self._era_version)
        sustained = version >= (2, 2, 0)
        paid = self.auction.pay_rewards(
            percent=100 - SUSTAIN_PERCENT if sustained else 100, late=version >= (2, 0, 0)
        )
        if sustained:
            rewards = sum(each.amount for part in paid for each in part)
            self.ledger.mint(network.SUSTAIN_PURSE, rewards * SUSTAIN_PERCENT // 100)
        self.auction.release_unbonds(era_id)
        era_end = EraEnd(
            weights(self.auction.coming),
            _reward_factors(self.auction.running) if version < (2, 0, 0) else {},
            _rewards_by_validator(paid) if version >= (2, 0, 0) else {},
        )
        self.auction.turn_era()
        return era_end, tuple(each for part in paid for each in part)

    def _header(
        self, era_id: int, timestamp_ms: int, proposer: str, seed: bytes, era_end: EraEnd | None
    ) -> Header:
        parent = self.blocks[-1] if self.blocks else None
        last_switch = self.blocks[self.switch_heights[-1]].hash if self.switch_heights else None
        return Header(
            height=len(self.blocks),
            era_id=era_id,
            timestamp_ms=timestamp_ms,
            protocol_version=self._era_version,
            parent_hash=parent.hash if parent else bytes(32),
            state_root_hash=b"",
            body_hash=b"",
            accumulated_seed=seed,
            random_bit=bool(seed[31] & 1),
            proposer=proposer,
            era_end=era_end,
            last_switch_block_hash=last_switch,
            is_v2=number(self._era_version) >= (2, 0, 0),
        )

    def _append(
        self,
        header: Header,
        transactions: tuple[Transaction, ...],
        allocations: tuple[Allocation, ...],
    ) -> Block:
        block = Block(header, b"", transactions, self.ledger.total_supply, allocations)
        header.state_root_hash = self._state_root(block)
        header.body_hash = body_hash(block)
        block.hash = block_hash(header)
        self.heights[block.hash] = block.height
        self.first_height_of_root.setdefault(header.state_root_hash, block.height)
        if block.is_switch:
            self.switch_heights.append(block.height)
        self.blocks.append(block)
        return block

    def _state_root(self, block: Block) -> bytes:
        """A digest that changes when the state does; from 1.5 on every block changes it."""
        if not self.blocks:
            return blake2b(b"genesis state" + block.header.accumulated_seed)
        root = self.head.header.state_root_hash
        changed = block.transactions or block.is_switch
        if not changed and number(self._era_version) < _ROOT_OF_EVERY_BLOCK_FROM:
            return root
        hashes = b"".join(each.hash for each in block.transactions)
        return blake2b(root + u64(block.height) + hashes)


def body_hash(block: Block) -> bytes:
    """The hash of what stands in a block's body, which holds the proposer in 1.x."""
    if block.header.is_v2:
        return body_hash_v2(block.lanes(), REWARDED_SIGNATURES)
    return body_hash_v1(
        block.header.proposer,
        [each.hash for each in block.other_lanes],
        [each.hash for each in block.mint_lane],
    )


def _reward_factors(stakes: Stakes) -> dict[str, int]:
    return {validator: weight // 1_000 for validator, weight in weights(stakes).items()}


def _rewards_by_validator(paid: list[list[Allocation]]) -> dict[str, tuple[int, ...]]:
    """Validator → what each paid era earned it and its delegators."""
    sums: dict[str, list[int]] = {}
    for place, part in enumerate(paid):
        for each in part:
            sums.setdefault(each.validator, [0] * len(paid))[place] += each.amount
    return {validator: tuple(sums[validator]) for validator in sorted(sums)}


_PURSES = {each.public_key: each.purse for each in (*network.VALIDATORS, *network.CANDIDATES)}
