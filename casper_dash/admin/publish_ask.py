"""What is asked before something is done to a publication: its effect, a reason, the warnings."""

import reflex as rx

from casper_dash.admin.publish_state import PublishState
from casper_dash.admin.reasons import asking_form, reason_form
from casper_dash.components.browser import BrowserVar
from casper_dash.components.dialogs import modal
from casper_dash.components.forms import field

_LABELS = {
    "propose": "Propose what is staged",
    "confirm": "Confirm the proposal",
    "publish": "Publish the proposal",
    "cancel": "Cancel the publication",
    "withdraw": "Withdraw the proposal",
    "restore": "Put a publication back",
    "evidence": "Download evidence",
}


def asking() -> rx.Component:
    """The dialog that is open, if one is."""
    label = rx.match(PublishState.asking, *_LABELS.items(), "")
    return modal(
        rx.match(
            PublishState.asking,
            ("propose", _asks(_moves(), _seen(), verb=f"Propose {PublishState.draft}")),
            ("confirm", _asks(_moves(), _seen(), verb=f"Confirm {_proposal()}")),
            ("publish", _publish()),
            ("cancel", _asks(_says(_CANCEL), verb="Cancel the publication")),
            ("withdraw", _asks(_says(_WITHDRAW), verb=f"Withdraw {_proposal()}")),
            ("restore", _asks(_restore(), verb=f"Propose publication {PublishState.about} again")),
            ("evidence", _evidence()),
            rx.fragment(),
        ),
        shown=PublishState.asking != "",
        label=label,
        on_close=PublishState.drop,
    )


_CANCEL = "It stops after the rows under way. Readers go on seeing what they see."
_WITHDRAW = "What it holds is staged again. Readers go on seeing what they see."


def _proposal() -> BrowserVar:
    return f"proposal {PublishState.open.number}"


def _asks(*about: rx.Component, verb: BrowserVar) -> rx.Component:
    return reason_form(*about, verb=verb, on_submit=PublishState.do, on_cancel=PublishState.drop)


def _says(text: BrowserVar) -> rx.Component:
    return rx.el.p(text)


def _moves() -> rx.Component:
    """The effect on what readers see."""
    effects = PublishState.effects
    return rx.cond(
        effects.changes,
        rx.el.p(
            "Circulating supply moves by ",
            rx.el.span(effects.moved, class_name="strong"),
            " now; ",
            effects.eras,
            " eras change, the first is era ",
            effects.first_era,
            ".",
        ),
        rx.el.p("No era's figure changes."),
    )


def _seen() -> rx.Component:
    """Warnings, and that they were seen."""
    return rx.cond(
        PublishState.warnings,
        rx.el.div(
            rx.el.ul(rx.foreach(PublishState.warnings, rx.el.li), class_name="wide-text"),
            rx.el.label(
                rx.el.input(type="checkbox", name="seen", id="seen", required=True),
                "I have seen these warnings",
                class_name="check",
            ),
        ),
    )


def _publish() -> rx.Component:
    number = PublishState.open.number
    return asking_form(
        _moves(),
        rx.el.p("Readers see it as soon as all rows are written. It can be put back."),
        _seen(),
        field("phrase", f"Type “publish {number}”", max_length=40, auto_focus=True),
        verb=f"Publish proposal {number}",
        on_submit=PublishState.do,
        on_cancel=PublishState.drop,
    )


def _restore() -> rx.Component:
    return rx.el.p(
        "Makes a proposal with the decisions and the schedule of publication ",
        PublishState.about,
        ". Its effect is shown before it is published, under a new number; what is staged stays.",
    )


def _evidence() -> rx.Component:
    newest = PublishState.effects.newest.era_id
    return asking_form(
        rx.el.p(
            "A signed zip with the figure of one era, as publication ",
            PublishState.about,
            " has it, and all that it is computed from.",
        ),
        field(
            *("era", "Era"),
            input_mode="numeric",
            default_value=f"{newest}",
            auto_focus=True,
        ),
        verb="Download evidence",
        on_submit=PublishState.download,
        on_cancel=PublishState.drop,
    )
