// Times of exams in the reader's own zone, with the zone named.
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "medium", timeStyle: "short",
});
for (const element of document.querySelectorAll("time[data-epoch]")) {
  const moment = new Date(Number(element.dataset.epoch) * 1000);
  element.dateTime = moment.toISOString();
  element.textContent = format.format(moment);
  element.title = Intl.DateTimeFormat().resolvedOptions().timeZone;
}
