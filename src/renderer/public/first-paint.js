/* Sets theme, density, motion, contrast, language and what the first frame needs before the first paint. A file of its own, since the page allows no inline script. */
(() => {
  const root = document.documentElement;
  let saved = {};
  try {
    saved = JSON.parse(localStorage.getItem('preferences') ?? '{}').state ?? {};
  } catch (error) {
    // Storage is blocked or holds something else: the defaults stand.
    root.dataset.preferences = String(error);
  }
  const dark = saved.theme === 'dark' || (saved.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = saved.density === 'compact' ? 'compact' : 'comfortable';
  root.dataset.motion = saved.motion === 'reduced' ? 'reduced' : 'system';
  root.dataset.contrast = saved.contrast === 'more' ? 'more' : 'system';
  root.dataset.side = saved.sideBar === 'rail' ? 'rail' : 'open';
  if (window.cyberbackup !== undefined) root.dataset.shell = window.cyberbackup.platform;
  const language = saved.language === 'de' || saved.language === 'en' ? saved.language : navigator.language.startsWith('de') ? 'de' : 'en';
  root.lang = language;
})();
