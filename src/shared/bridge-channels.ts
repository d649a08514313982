/** The names of the messages between preload and main process, once for both ends. */
export const bridgeChannels = {
  call: 'agent:call',
  events: 'agent:events',
  command: 'shell:command',
  navigate: 'shell:navigate',
  choosePaths: 'shell:choose-paths',
  saveText: 'shell:save-text',
  showInFolder: 'shell:show-in-folder',
  setTheme: 'shell:set-theme',
  startsAtLogin: 'shell:starts-at-login',
  setStartAtLogin: 'shell:set-start-at-login',
} as const;

/** How the main process tells the preload the program's version: an argument of the window's process. */
export const versionArgument = '--cyberbackup-version=';
