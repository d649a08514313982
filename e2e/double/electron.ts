/**
 * A strict double of what the main process uses of Electron, for machines without Electron's program. It runs the built
 * `dist/main` in Node; windows are pages of the test's browser (e2e/support/double-desktop.ts).
 */
export { app } from './app.ts';
export { Menu, Notification, Tray, nativeImage } from './menus.ts';
export { dialog, nativeTheme, powerMonitor, protocol, safeStorage, screen, session, shell } from './system.ts';
export { utilityProcess } from './utility-process.ts';
export { BrowserWindow, ipcMain } from './windows.ts';
