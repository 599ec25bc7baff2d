"use strict";
// Niceties only: a guide line in the chart above a picture, and a large moving preview. The page is whole without them.
for (const thumb of document.querySelectorAll(".thumb")) {
  const guide = thumb.closest(".chart").querySelector(".guide");
  const show = (on) => {
    guide.style.left = thumb.dataset.at + "%";
    guide.classList.toggle("on", on);
  };
  thumb.title = thumb.dataset.note;
  for (const event of ["pointerenter", "focus"]) thumb.addEventListener(event, () => show(true));
  for (const event of ["pointerleave", "blur"]) thumb.addEventListener(event, () => show(false));
  thumb.addEventListener("click", () => preview(thumb));
}

const dialog = document.createElement("dialog");
dialog.className = "preview";
dialog.addEventListener("click", () => dialog.close());
document.body.append(dialog);

function preview(thumb) {
  const frame = thumb.querySelector(".frame").cloneNode(true);
  const note = document.createElement("p");
  note.textContent = thumb.dataset.note;
  dialog.style.cssText = thumb.style.cssText.replace(/(left|width):[^;]*;/g, "");
  dialog.replaceChildren(frame, note);
  dialog.showModal();
}
