/** Follows a run that is under way, and shows the page anew when it has ended. Without it, a page is as good as when it was loaded. */
export const liveScript = `'use strict';
for (const place of document.querySelectorAll('[data-events]')) {
  const note = place.querySelector('[role="status"]');
  const began = Date.now();
  const events = new EventSource(place.dataset.events);
  events.addEventListener('status', ({ data }) => {
    if (data === 'running') {
      if (note) note.textContent = 'watched for ' + Math.round((Date.now() - began) / 1000) + ' s';
      return;
    }
    events.close();
    location.reload();
  });
}
`;
