// The browser's own modal dialog: it keeps the focus inside, and gives it back when it closes.

import { createElement, useEffect, useRef } from "react";

export function Modal({ open, label, className, onClose, children }) {
  const box = useRef(null);
  useEffect(() => {
    if (open && !box.current.open) {
      box.current.showModal();
      box.current.querySelector("[data-focus], input")?.focus();
    }
    if (!open && box.current.open) box.current.close();
  }, [open]);
  const cancel = (event) => {
    event.preventDefault(); // the state closes it, or it would be out of step
    onClose();
  };
  const props = { ref: box, className, "aria-label": label, onCancel: cancel };
  return createElement("dialog", props, open ? children : null);
}
