// Times in the reader's own zone, with the zone named.
const language = document.documentElement.lang;
const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const { timeZone } = format.resolvedOptions();
const moment = ({ dataset }) => new Date(Number(dataset.epoch) * 1000);

for (const element of document.querySelectorAll("time[data-epoch]")) {
  element.dateTime = moment(element).toISOString();
  element.textContent = format.format(moment(element));
  element.title = timeZone;
}
for (const element of document.querySelectorAll("[data-zone]")) {
  element.textContent = element.dataset.zone.replace("{}", timeZone);
  element.hidden = false;
}

// A slot is told on the institution's clock; where the reader's own shows another time, that one stands beside it.
const [form] = document.querySelectorAll("form[data-zone-of-slots]");
if (form) {
  const zones = [timeZone, form.dataset.zoneOfSlots];
  const [ownTime, time] = zones.map((zone) => clockOf({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone));
  const [ownDay, day] = zones.map((zone) => clockOf({ weekday: "short" }, zone));
  for (const element of form.querySelectorAll("[data-epoch]")) {
    const at = moment(element);
    if (ownTime(at) === time(at)) continue;
    const own = [ownDay(at) === day(at) ? "" : ownDay(at), ownTime(at)].filter(Boolean).join(" ");
    const beside = document.createElement("small");
    beside.textContent = form.dataset.own.replace("{}", own);
    element.append(" ", beside);
  }
}

function clockOf(parts, zone) {
  const format = new Intl.DateTimeFormat(language, { ...parts, timeZone: zone });
  return (at) => format.format(at);
}
