// In which order a wall shows its candidates.

// What is going on now counts most, then the score, then whether anybody is there at all.
export function risk({ open, score, online, phone }) {
  return open.length * 1000 + score * 10 + (online ? 0 : 5) + (phone === "away" ? 3 : 0);
}

const byName = (a, b) => a.name.localeCompare(b.name);

export const ORDERS = {
  name: byName,
  risk: (a, b) => risk(b) - risk(a) || byName(a, b),
};
