// Ticking a page of sessions at once, and saying how many are ticked: the number that the form wants typed.

const form = document.querySelector("#bulk");
const all = document.querySelector("#all");
const said = document.querySelector("#ticked");
const boxes = [...form.querySelectorAll("input[name=session]")];

function count() {
  const ticked = boxes.filter((box) => box.checked).length;
  said.textContent = said.dataset.text.replace("{}", ticked);
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

all.onchange = () => {
  for (const box of boxes) box.checked = all.checked;
  count();
};
form.addEventListener("change", count);
count();
