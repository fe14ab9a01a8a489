// The name by which the service knows this browser: of two that open one exam, one watches.

const KEY = "proctor-holder";

export function holder(storage = localStorage) {
  let name = storage.getItem(KEY);
  if (!name) {
    name = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    storage.setItem(KEY, name);
  }
  return name;
}

// Runs `watch` while no other tab of this browser does. Where one does: takes over from it with `steals`, else calls
// `taken` with a function that takes over. `lost` is called when another tab has taken over from this one.
export async function alone(session, { steals = false, watch, taken, lost }) {
  const name = `proctor-${session}`;
  const hold = (options) =>
    navigator.locks.request(name, options, async (lock) => {
      if (!lock) return taken(() => hold({ steal: true }));
      await watch();
      await new Promise(() => {}); // Until the page is left.
    }).catch((error) => {
      if (error.name !== "AbortError") throw error;
      lost();
    });
  await hold(steals ? { steal: true } : { ifAvailable: true });
}
