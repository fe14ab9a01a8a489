// Ticking a page of sessions at once, and saying how many are ticked: the number that the form wants typed. The decision
// comes into view with the first tick; before, it would only hide the table.

const form = document.querySelector("#bulk");
const all = document.querySelector("#all");
const said = document.querySelector("#ticked");
const { sure } = form.elements;
const boxes = [...form.querySelectorAll("input[name=session]")];

function count() {
  const ticked = boxes.filter((box) => box.checked).length;
  said.textContent = said.dataset.text.replace("{}", ticked);
  sure.pattern = ticked || "[1-9]\\d*"; // A slip is said before the page is left, and its ticks with it.
  sure.title = said.textContent;
  form.classList.toggle("chosen", ticked > 0);
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

all.onchange = () => {
  for (const box of boxes) box.checked = all.checked;
  count();
};
form.addEventListener("change", count);
count();
