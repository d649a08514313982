/** The page at `/` where no interface was built: says what this is and where the API is. Static, without a script. */
import { createHash } from 'node:crypto';
import { pageHeaders } from './security-headers.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .25rem; }
p { margin: .75rem 0; }
.quiet { opacity: .7; }
code { font: .92em ui-monospace, monospace; padding: .1em .35em; border-radius: .3em; background: color-mix(in srgb, currentColor 9%, transparent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; margin: 1.75rem 0; }
dd { margin: 0; }
`;

const digest = `sha256-${createHash('sha256').update(style).digest('base64')}`;

export const statusPage = {
  headers: { ...pageHeaders(digest), 'Content-Type': 'text/html; charset=utf-8' },
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CyberBackup agent</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>The CyberBackup agent is running</h1>
<p class="quiet">It looks after the backups of this computer. Nobody but this computer reaches it.</p>
<dl>
<dt>Jobs</dt><dd><code>cyberbackup jobs --watch</code></dd>
<dt>Health</dt><dd><code>cyberbackup health</code></dd>
<dt>API</dt><dd>described at <code>/api/openapi.json</code></dd>
<dt>Token</dt><dd>in the file <code>api-token</code> of the home folder, sent as <code>Authorization: Bearer …</code></dd>
</dl>
</main>
</body>
</html>
`,
} as const;
