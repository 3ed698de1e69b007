// Copying to the clipboard, said on the button and to screen readers.

const SHOWN_MS = 2_000;

/** A click handler that copies `text` and marks the clicked button as done for two seconds. */
export const copier = (text) => async (event) => {
  const button = event.currentTarget;
  const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
  const said = copied ? "Copied" : "Copying was refused by the browser";
  button.dataset.said = said;
  document.getElementById("announcements").textContent = said;
  setTimeout(() => delete button.dataset.said, SHOWN_MS);
};
