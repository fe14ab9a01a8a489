// In which order a wall shows its candidates.

// Whether the machine could not tell who somebody is.
export const unsure = ({ identity }) => identity === "unsure" || identity === "different";

// What is going on now counts most, then a question, then the score, then whether anybody is there at all.
export function risk({ open, asks, score, online, phone }) {
  return open.length * 10000 + (asks ? 5000 : 0) + score * 10 + (online ? 0 : 5) + (phone === "away" ? 3 : 0);
}

// Whether a person should look now.
export function isPressing(card) {
  return card.open.length > 0 || card.asks || unsure(card) || (!card.online && card.state !== "prepared");
}

const byName = (a, b) => a.name.localeCompare(b.name);

export const ORDERS = {
  name: byName,
  risk: (a, b) => risk(b) - risk(a) || byName(a, b),
};
