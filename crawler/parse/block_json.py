"""A block as nodes write it, in its 1.x and 2.x form: what hashing and recording need of it."""

from msgspec import Struct

from crawler.parse.fields import (
    U8,
    U64,
    Digits,
    Hash,
    Index,
    OneOf,
    Proposer,
    PublicKey,
    TaggedHash,
    Timestamp,
    Version,
)


class ValidatorWeight(Struct):
    validator: PublicKey
    weight: Digits


class EraReward(Struct):
    validator: PublicKey
    amount: U64
    """A factor, not motes."""


class EraReport(Struct):
    equivocators: list[PublicKey]
    rewards: list[EraReward]
    inactive_validators: list[PublicKey]


class EraEndV1(Struct):
    era_report: EraReport
    next_era_validator_weights: list[ValidatorWeight]


class EraEndV2(Struct):
    equivocators: list[PublicKey]
    inactive_validators: list[PublicKey]
    next_era_validator_weights: list[ValidatorWeight]
    rewards: dict[PublicKey, list[Digits] | Digits]
    """Motes for each paid era; release candidates of 2.0 wrote one amount."""
    next_era_gas_price: U8


class _Header(Struct):
    parent_hash: Hash
    state_root_hash: Hash
    body_hash: Hash
    random_bit: bool
    accumulated_seed: Hash
    timestamp: Timestamp
    era_id: Index
    height: Index
    protocol_version: Version


class HeaderV1(_Header):
    era_end: EraEndV1 | None


class HeaderV2(_Header):
    era_end: EraEndV2 | None
    proposer: Proposer
    current_gas_price: U8
    last_switch_block_hash: Hash | None


class BodyV1(Struct):
    proposer: Proposer
    deploy_hashes: list[Hash]
    transfer_hashes: list[Hash]


class BodyV2(Struct):
    transactions: dict[U8, list[TaggedHash]]
    """By lane; a lane without transactions may be absent or empty."""
    rewarded_signatures: list[list[U8]]


class BlockV1(Struct):
    hash: Hash
    header: HeaderV1
    body: BodyV1


class BlockV2(Struct):
    hash: Hash
    header: HeaderV2
    body: BodyV2


Block = BlockV1 | BlockV2
Header = HeaderV1 | HeaderV2
Body = BodyV1 | BodyV2
EraEndForm = EraEndV1 | EraEndV2


class VersionedBlock(OneOf, rename="pascal"):
    """`{"Version1": …}` or `{"Version2": …}`."""

    version1: BlockV1 | None = None
    version2: BlockV2 | None = None
