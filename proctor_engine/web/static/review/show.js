// Small things that several views show alike.

export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (parts[0] ? parts : parts.slice(1)).map((part) => String(part).padStart(2, "0")).join(":");
}

export function line(name, text, className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

// A message, a note or a notice of a session, with its time where it has one.
export function said({ time, author, text, kind }) {
  const when = time === null || time < 0 ? "" : `${clock(time)} `;
  return line("li", `${when}${author ? `${author}: ` : ""}${text}`, kind);
}

// What of a session's pictures was not analysed, and what of its uploads is missing; empty where nothing is.
export function faults({ shed, missing, late }, words) {
  return [["shed", shed], ["missing", missing], ["late", late]]
    .filter(([, count]) => count).map(([key, count]) => `${words[`frames_${key}`]}: ${count}`).join(" · ");
}
