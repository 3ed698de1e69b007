"""Every form in which the sandbox's accounts write a deploy or transaction."""

from dataclasses import dataclass, replace
from typing import Literal

Action = Literal[
    "transfer", "burn", "call",
    "add_bid", "withdraw_bid", "delegate", "undelegate", "redelegate",
    "activate_bid", "change_bid_public_key", "add_reservations", "cancel_reservations",
]  # fmt: skip
Through = Literal[
    "native", "module_bytes", "by_hash", "by_name", "versioned_by_hash", "other_contract"
]
Version = tuple[int, int, int]

MINT_LANE = 0
AUCTION_LANE = 1
WASM_LANES = {"module_bytes": 3, "by_hash": 5, "by_name": 5, "versioned_by_hash": 4,
              "other_contract": 5}  # fmt: skip
STAKING_ACTIONS = frozenset(("add_bid", "withdraw_bid", "delegate", "undelegate", "redelegate"))


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    action: Action
    through: Through
    is_deploy: bool = True
    target: Literal["account_hash", "account_hash_and_key", "public_key", "purse", "self"] = (
        "account_hash"
    )
    """What a transfer names; for staking, "purse" means that one is named besides the account."""
    by_account_hash: bool = False
    """The initiator is given as an account hash (2.x)."""
    fails: bool = False
    since: Version = (1, 0, 0)

    @property
    def lane(self) -> int:
        """The 2.x lane; lane 0 is also what `transfer_hashes` holds in 1.x."""
        if self.through != "native":
            return WASM_LANES[self.through]
        return MINT_LANE if self.action in ("transfer", "burn") else AUCTION_LANE

    @property
    def is_native_transfer(self) -> bool:
        return self.action == "transfer" and self.through == "native"

    @property
    def is_staking(self) -> bool:
        """Whether a success moves stake: a call of some other contract does not."""
        return self.action in STAKING_ACTIONS and self.through != "other_contract"


def _transfer_forms() -> list[Form]:
    plain = Form("transfer", "native")
    forms = [
        plain,
        replace(plain, target="public_key"),
        replace(plain, target="purse"),
        replace(plain, target="self"),
        replace(plain, target="account_hash_and_key"),
        replace(plain, fails=True),
    ]
    native = replace(plain, is_deploy=False, since=(2, 0, 0))
    return [
        *forms,
        native,
        replace(native, target="public_key"),
        replace(native, target="purse"),
        replace(native, by_account_hash=True),
        replace(native, fails=True),
    ]


def _staking_forms() -> list[Form]:
    forms: list[Form] = []
    # Bids and delegations come first, so that what is taken back later is there.
    actions: tuple[Action, ...] = (
        "add_bid", "delegate", "redelegate", "undelegate", "withdraw_bid",
    )  # fmt: skip
    for action in actions:
        since = (1, 5, 0) if action == "redelegate" else (1, 0, 0)
        for through in ("module_bytes", "by_hash", "by_name"):
            deploy = Form(action, through, since=since)
            forms += [deploy, replace(deploy, is_deploy=False, since=(2, 0, 0))]
            if action == "withdraw_bid":
                forms.append(replace(deploy, target="purse"))
        native = Form(action, "native", is_deploy=False, since=(2, 0, 0))
        forms.append(native)
        if action == "delegate":
            forms.append(replace(native, target="purse"))
            forms.append(replace(native, target="purse", through="by_hash"))
        if action == "undelegate":
            forms.append(replace(native, target="purse"))
        forms.append(Form(action, "by_hash", fails=True, since=since))
        forms.append(Form(action, "module_bytes", fails=True, since=since))
        forms.append(replace(native, fails=True))
    return forms


def _other_forms() -> list[Form]:
    forms = [
        Form("transfer", "module_bytes"),
        Form("call", "by_hash"),
        Form("call", "by_name"),
        Form("call", "versioned_by_hash"),
        Form("call", "module_bytes"),
        Form("call", "by_hash", fails=True),
        Form("delegate", "other_contract"),
        Form("burn", "native", is_deploy=False, since=(2, 0, 0)),
        Form("burn", "native", is_deploy=False, fails=True, since=(2, 0, 0)),
    ]
    auction: tuple[Action, ...] = (
        "activate_bid", "change_bid_public_key", "add_reservations", "cancel_reservations",
    )  # fmt: skip
    forms += [
        Form(
            action,
            "native",
            is_deploy=False,
            since=(2, 0, 0),
            # It would turn a bid into a bridge to another key, which the auction does not model.
            fails=action == "change_bid_public_key",
        )
        for action in auction
    ]
    return forms + [
        replace(form, is_deploy=False, since=(2, 0, 0))
        for form in forms[:7]
        if form.through != "versioned_by_hash"
    ]


TRANSFER_FORMS = tuple(_transfer_forms())
TO_PURSE = next(form for form in TRANSFER_FORMS if form.target == "purse")
STAKING_FORMS = tuple(_staking_forms())
OTHER_FORMS = tuple(_other_forms())


def available(forms: tuple[Form, ...], version: Version) -> list[Form]:
    """Those of the forms that a protocol version accepts."""
    return [form for form in forms if form.since <= version]
