// What the keyboard expects and neither the router nor the browser does.

/** A click handler that moves the focus to the element `id` and leaves the address as it is. */
export const focuser = (id) => (event) => {
  event.preventDefault();
  document.getElementById(id).focus();
};

/** A key handler of a `details` element: Escape closes it and gives its summary the focus. */
export const closeOnEscape = () => (event) => {
  if (event.key !== "Escape") return;
  event.currentTarget.open = false;
  event.currentTarget.querySelector("summary").focus();
};
